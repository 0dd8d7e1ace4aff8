import type { Statement } from "../statement.ts";

export const statements: readonly Statement[] = [
  { n: 1, says: "from 03:00 to 05:30 on May 19, 2024", became: [{ claim: "the outage lasts" }] },
  { n: 2, says: "complete downtime", became: [{ contradiction: "complete downtime, and 85 % of users" }] },
  {
    n: 3,
    says: "about 85 % of the users",
    became: [
      { claim: "requests that fail" },
      { claim: "users who are affected in a window of 10 s" },
      { contradiction: "complete downtime, and 85 % of users" },
    ],
  },
  {
    n: 4,
    says: "all traffic went to a single server",
    became: [{ claim: "one server gets everything: share of the answers that it gives" }],
  },
  {
    n: 5,
    says: "which then crashed under it",
    became: [{ claim: "the server crashes: restarts of it a minute" }],
  },
  {
    n: 6,
    says: "03:00 an alert on far fewer successful requests",
    became: [
      { claim: "the pager rings as the outage begins" },
      { claim: "an alert tells of far fewer successful requests" },
      { step: "alert: far fewer successful requests" },
    ],
  },
  {
    n: 7,
    says: "03:05 a server crash is suspected first",
    became: [{ step: "a server crash is suspected" }],
  },
  {
    n: 8,
    says: "03:15 one server has all the traffic; a fault of the application is assumed",
    became: [{ step: "one server gets all the traffic; a fault of the application is assumed" }],
  },
  {
    n: 9,
    says: "03:30 misleading paths: recent changes of the code, the database",
    became: [{ step: "the application's recent changes and the database are searched" }],
  },
  {
    n: 10,
    says: "04:00 escalated to the network team",
    became: [{ step: "the network team is called to look at the balancer" }],
  },
  {
    n: 11,
    says: "04:15 the network team finds the misconfiguration",
    became: [{ step: "the network team finds the misconfiguration" }],
  },
  {
    n: 12,
    says: "04:45 traffic is distributed evenly over all servers",
    became: [{ step: "the weights are corrected" }],
  },
  {
    n: 13,
    says: "05:00 servers and balance are watched",
    became: [{ step: "servers and distribution are watched" }],
  },
  {
    n: 14,
    says: "05:30 normal service",
    became: [
      { claim: "from the last repair until users are well" },
      { claim: "the outage lasts" },
      { contradiction: "45 minutes from the corrected weights to normal service" },
    ],
  },
];
