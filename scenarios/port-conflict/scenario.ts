import { defineScenario } from "../scenario.ts";
import { restart } from "../shop.ts";
import { claims } from "./claims.ts";
import { drill, startBalancer } from "./drill.ts";
import { report } from "./report.ts";
import { statements } from "./statements.ts";

export const portConflict = defineScenario({
  id: "port-conflict",
  alias: "overture",
  title: "Another program on the balancer's port",
  report: {
    number: "000",
    window: "10:02 to 10:17 WAT",
    impact: "100 % of requests, and the APIs that depend on the service",
    impactRatio: 1,
    status: "500",
    minutes: { detect: 0, identify: 7, mitigate: 11, restore: 14 },
    userMinutesLostPer1000: 14_000,
    timeline: [
      { minute: -1, event: "a configuration is pushed" },
      { minute: 0, event: "outage; pagers" },
      { minute: 7, event: "the program that came with the push is being removed" },
      { minute: 12, event: "restarts begin" },
      { minute: 14, event: "all traffic back" },
    ],
    playbook: [
      {
        minute: 0,
        says: "the network engineers go to work on the server",
        looks: ["alerts", "status", "units", "logs balancer"],
      },
      {
        minute: 7,
        says: "a program that came with the push has the balancer's port; it is to be uninstalled",
        looks: ["ports", "changes"],
        diagnosis: { component: "balancer", mechanism: "port-taken", scope: "everyone" },
      },
      { minute: 11, says: "it is uninstalled", does: [{ do: "package uninstall", package: "kiosk" }] },
      // The report has restarts from minute 12 on and users back at 14: one after another, the balancer last.
      { minute: 12, says: "restarts begin", does: restart("web-1") },
      { minute: 12.5, ours: true, says: "one after another", does: restart("web-2", "web-3") },
      { minute: 13.5, ours: true, says: "the balancer last", does: [startBalancer] },
    ],
    claims,
    statements,
    contradictions: [
      {
        claim: "the balancer, unable to start, answered 500",
        reason: "a program that cannot bind its port answers nothing at all",
        treatment: "the other program answers 500; between its removal and the restart the port refuses",
      },
      {
        claim: 'the software was "installed" at minute 7 to 11',
        reason: "the report's text says that it was removed then",
        treatment: "read as uninstalled",
      },
    ],
    measures: ["the right environment for each change", "audits of all high-risk configuration"],
  },
  paces: { drill, report },
  alerts: {
    mustFire: ["HighFailureRatio", "BalancerUnreachable", "DependentApiFailing", "UnitFailed"],
    mustNotFire: ["LoginFailures", "SlowRequests", "QueueFull", "UnevenDistribution", "ConfigChanged"],
  },
  evidence: [
    {
      look: "curl -i http://127.0.0.1:8080/",
      shows: "500 with a Server header that is neither the balancer's nor a backend's",
    },
    {
      look: "ss -ltnp; lblab ps",
      shows: "another program listens on the balancer's port; the balancer's unit has failed",
    },
    { look: "lblab logs balancer", shows: "EADDRINUSE at every start, then the start limit" },
    {
      look: "lblab changes",
      shows: "a package labelled for another environment was installed a moment before",
    },
  ],
  falseLeads: [
    {
      looksLike: "the push broke the balancer's configuration",
      refutedBy: "it is the version that worked: nothing of it was pushed",
      subjects: ["config"],
    },
    {
      looksLike: "the web backends fail",
      refutedBy: "they get no requests at all and are healthy",
      subjects: ["web-1", "web-2", "web-3", "deploy"],
    },
    {
      looksLike: "the dependent API is the problem",
      refutedBy: "it fails because what it calls fails",
      subjects: ["partner-api"],
    },
  ],
  hints: [
    "Somebody answers 500. Is it the balancer? Look at the head of the answer.",
    "Which process holds port 8080? lblab ps shows the units, ss -ltnp the ports.",
    "The balancer can only start once the port is free, and only stays up if nobody takes the port again.",
  ],
  diagnosis: {
    accepted: [
      { component: "balancer", mechanism: "port-taken", scope: "everyone" },
      { component: "kiosk", mechanism: "port-taken", scope: "everyone" },
    ],
    refuted: [
      { mechanism: "backend-bug", because: "the backends are healthy and get no requests" },
      { mechanism: "bad-deployment", because: "the new version of web never sees a request of these" },
      { mechanism: "network-loss", because: "every request is answered at once, by the wrong program" },
      { scope: "some-requests", because: "no request comes through" },
    ],
  },
  spoilers: ["port-conflict", "port conflict", "intruder", "port-taken"],
});
