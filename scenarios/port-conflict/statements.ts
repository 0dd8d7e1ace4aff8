import type { Statement } from "../statement.ts";

export const statements: readonly Statement[] = [
  {
    n: 1,
    says: "requests got 500 from 10:03 to 10:17",
    became: [{ claim: "what users get" }, { claim: "the outage lasts" }],
  },
  {
    n: 2,
    says: "APIs that need the service had errors, too",
    became: [{ claim: "calls of APIs that depend on the service fail, too" }],
  },
  { n: 3, says: "nothing was served: 100 % down", became: [{ claim: "requests that fail" }] },
  { n: 4, says: "10:02 the push, 10:03 the outage", became: [{ claim: "from the push to the outage" }] },
  { n: 5, says: "10:03 the pagers", became: [{ claim: "the pager rings as the outage begins" }] },
  {
    n: 6,
    says: "10:03 to 10:10 the network engineers work on the server",
    became: [{ step: "the network engineers go to work on the server" }],
  },
  {
    n: 7,
    says: "10:10 to 10:14 the program is installed, and its service stopped",
    became: [
      { contradiction: 'the software was "installed" at minute 7 to 11' },
      { step: "it is uninstalled" },
    ],
  },
  { n: 8, says: "10:15 restarts begin", became: [{ step: "restarts begin" }] },
  { n: 9, says: "10:17 all traffic is back", became: [{ claim: "the outage lasts" }] },
  {
    n: 10,
    says: "the push of 10:02 went to the wrong environment",
    became: [{ claim: "from the push to the outage" }],
  },
  {
    n: 11,
    says: "the balancer could not start, and therefore answered 500",
    became: [{ contradiction: "the balancer, unable to start, answered 500" }, { claim: "what users get" }],
  },
  {
    n: 12,
    says: "10:03 engineers are alerted, and escalate quickly",
    became: [
      { claim: "the pager rings as the outage begins" },
      { notModelled: "quickly has no time, and one responder has nobody to escalate to" },
    ],
  },
  {
    n: 13,
    says: "they then saw that the new program kept the balancer from its port",
    became: [{ step: "a program that came with the push has the balancer's port; it is to be uninstalled" }],
  },
  { n: 14, says: "10:10 to 10:14 it was uninstalled, with success", became: [{ step: "it is uninstalled" }] },
  {
    n: 15,
    says: "10:15 the server is restarted, 10:17 all traffic is back",
    became: [
      { step: "restarts begin" },
      { claim: "the outage lasts" },
      { notModelled: "that the whole server restarts: here its services do, one after another" },
    ],
  },
];
