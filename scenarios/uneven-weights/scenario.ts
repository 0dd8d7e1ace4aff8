import { defineScenario } from "../scenario.ts";
import { claims } from "./claims.ts";
import { drill } from "./drill.ts";
import { report } from "./report.ts";
import { statements } from "./statements.ts";

export const unevenWeights = defineScenario({
  id: "uneven-weights",
  alias: "lantern",
  title: "Weights skewed in maintenance",
  report: {
    number: "001",
    window: "03:00 to 05:30 UTC",
    impact: "error rate up by 30 %, and a latency spike",
    impactRatio: 0.3,
    status: "errors",
    minutes: { detect: 0, identify: null, mitigate: 150, restore: 150 },
    userMinutesLostPer1000: 45_000,
    timeline: [
      { minute: 0, event: "alerts on error rate and latency; the on-call engineer looks at the servers" },
      { minute: 150, event: "the balancer's configuration is put back" },
    ],
    // The report gives no times but its first and its last: the steps between are spread evenly.
    playbook: [
      {
        minute: 0,
        says: "the engineer on call looks at the servers",
        looks: ["alerts", "status", "logs web-1"],
      },
      {
        minute: 30,
        ours: true,
        says: "the network and the servers are tested",
        looks: ["units", "metrics web-1"],
      },
      {
        minute: 60,
        ours: true,
        says: "the database's performance is looked into",
        looks: ["logs database", "metrics database"],
      },
      {
        minute: 90,
        ours: true,
        says: "the application's code is searched for errors",
        looks: ["logs web-6"],
      },
      { minute: 120, ours: true, says: "escalated to DevOps and senior engineers", looks: ["status"] },
      {
        minute: 135,
        ours: true,
        says: "the review comes to the maintenance: the weights were set wrong",
        looks: ["changes", "config"],
        diagnosis: { component: "web", mechanism: "traffic-skewed", scope: "some-requests" },
      },
      { minute: 150, says: "the balancer's weights are put back", fix: "set equal weights" },
    ],
    claims,
    statements,
    contradictions: [
      {
        claim: "error rate +30 %",
        reason: "it can mean 30 % of requests or 30 % more errors than before",
        treatment: "read as 30 % of all requests",
      },
      {
        claim: "backend servers, database and application code were checked",
        reason: "none of these checks has a time",
        treatment: "false leads are there to follow; the minutes spent on them are yours alone",
      },
    ],
    measures: [
      "change management with peer review",
      "access control on key components",
      "regular audits of the balancer's configuration",
      "automated backup of the configuration",
      "configuration validation",
    ],
  },
  paces: { drill, report },
  alerts: {
    mustFire: ["HighFailureRatio", "SlowRequests", "UnevenDistribution", "ConfigChanged"],
    mustNotFire: [
      "BalancerUnreachable",
      "LoginFailures",
      "DependentApiFailing",
      "QueueFull",
      "UnitRestarting",
      "UnitFailed",
      "UpstreamDown",
    ],
  },
  evidence: [
    {
      look: "lblab status",
      shows: "one backend has about 70 % of the requests and all of the failures, the others idle",
    },
    { look: "lblab logs web-1", shows: "it refuses because its queue is full; it is not broken" },
    {
      look: "lblab changes; lblab config diff 1 2",
      shows:
        "the change before the last one touched the weights; the last one took them over for new servers",
    },
    { look: "lblab logs database", shows: "a few milliseconds more a query, no queue: too little to matter" },
  ],
  falseLeads: [
    {
      looksLike: "the overloaded backend is sick",
      refutedBy: "restarted, it is as overloaded as before",
      subjects: ["web-1"],
    },
    {
      looksLike: "the database is slow",
      refutedBy: "a query takes 3 ms more than yesterday; pages from the other backends are as quick as ever",
      subjects: ["database", "tune"],
    },
    {
      looksLike: "the deployment of the day broke the application",
      refutedBy: "it went to web-6, which has no failures",
      subjects: ["web-6", "deploy"],
    },
  ],
  hints: [
    "Do all backends fail, or one? Set its share of the requests beside the others'.",
    "Who decides how much each backend gets, and when did that change? Not every change since was a mistake.",
    "lblab config diff 1 2, and what version 3 is needed for: lblab config diff 2 3",
  ],
  diagnosis: {
    accepted: [
      { component: "web", mechanism: "traffic-skewed", scope: "some-requests" },
      { component: "balancer", mechanism: "traffic-skewed", scope: "some-requests" },
    ],
    refuted: [
      { mechanism: "single-target", because: "every backend still gets some requests" },
      {
        mechanism: "backend-bug",
        because: "the backend answers as fast as it can: it gets more than it was built for",
      },
      {
        mechanism: "database-slow",
        because: "a query takes a few milliseconds; the slow pages are those of one backend",
      },
      { mechanism: "bad-deployment", because: "the new version runs on a backend that has no failures" },
      { mechanism: "traffic-surge", because: "users send what they always send" },
      { scope: "some-users", because: "no user is tied to a backend: each meets the busy one now and then" },
    ],
  },
  spoilers: ["uneven", "skew", "unbalanced"],
});
