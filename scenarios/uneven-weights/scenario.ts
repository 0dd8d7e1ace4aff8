import { defineScenario, type PaceSet, type Topology } from "../scenario.ts";
import {
  apply,
  browsing,
  database,
  halveTheLoad,
  HEALTH,
  restart,
  rollBack,
  shopConfig,
  SLOWER_DATABASE,
  stopTheLoad,
  stopTheProber,
  unitsOf,
  unweighted,
  webBackends,
  webConfig,
  webUpstreams,
  weighAtRunTime,
} from "../shop.ts";

const EVEN = [1, 1, 1, 1, 1] as const;
/** Two heavy ones: with a single heavy weight, removing that backend would repair it. */
const SKEWED = [35, 12, 1, 1, 1] as const;

/** Refusals a second that crash a web server; 140 would, the 60 of this incident do not. */
const CRASH = { refusalsPerSecond: 100, forMs: 4500 } as const;

const topology: Topology = {
  config: webConfig(EVEN),
  backends: [...webBackends(5, { slots: 4, serviceMs: 50, queueLimit: 40, crash: CRASH }), database],
};

const drill: PaceSet = {
  topology,
  workload: browsing,
  steadyState: { failedRatio: 0.005, affectedRatio: 0.005, p95Ms: { page: 150 }, maxShare: { page: 0.3 } },
  prelude: [
    (stage) => stage.deploy({ by: "release-train", summary: "web 4.2.1: new footer" }, "web-4", "4.2.1"),
    (stage) => stage.tune({ by: "dba", summary: "monthly statistics job" }, "database", SLOWER_DATABASE),
  ],
  change: [
    (stage) =>
      stage.pushConfig({ by: "ops-maintenance", summary: "MNT-2231 routine maintenance" }, webConfig(SKEWED)),
  ],
  impact: {
    expectations: [
      { figure: "failedRequestRatio", min: 0.26, max: 0.34 },
      { figure: "p95Factor", route: "page", min: 3 },
      { figure: "worstBackendFailureShare", min: 0.99 },
    ],
    settleMs: 4000,
  },
  recoveryMs: 45_000,
  rightFixes: [
    rollBack,
    { name: "set equal weights", steps: [apply(webConfig(EVEN))] },
    {
      name: "least-connections without weights",
      steps: [
        apply(
          webConfig(unweighted(5), {
            policy: { type: "least-connections" },
          }),
        ),
      ],
    },
  ],
  mitigations: [weighAtRunTime(EVEN)],
  wrongFixes: [
    { name: "restart the overloaded backend", steps: restart("web-1") },
    { name: "restart all backends", steps: restart(...unitsOf(topology, "web")) },
    {
      name: "raise timeouts",
      steps: [apply(webConfig(SKEWED, { timeouts: { connectMs: 10_000, responseMs: 60_000 } }))],
    },
    {
      name: "remove the overloaded backend and leave the rest skewed",
      steps: [
        apply(
          shopConfig({
            web: {
              policy: { type: "round-robin" },
              health: HEALTH,
              upstreams: webUpstreams(SKEWED).slice(1),
            },
          }),
        ),
      ],
    },
    {
      name: "least-connections with the skewed weights kept",
      steps: [apply(webConfig(SKEWED, { policy: { type: "least-connections" } }))],
    },
    {
      name: "retries on 5xx within the budget",
      steps: [apply(webConfig(SKEWED, { retry: { attempts: 2, on: ["connect-failure", "5xx"] } }))],
    },
    {
      name: "retries on 5xx without a budget",
      steps: [
        apply(
          webConfig(SKEWED, { retry: { attempts: 3, on: ["connect-failure", "5xx"], budgetPercent: 100 } }),
        ),
      ],
    },
    halveTheLoad(browsing),
    stopTheLoad,
    stopTheProber,
  ],
};

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
      { minute: 150, event: "the balancer's configuration is rolled back" },
    ],
    // The report gives no times but its first and its last: the steps between are spread evenly.
    playbook: [
      {
        minute: 0,
        says: "the engineer on call looks at the servers",
        looks: ["alerts", "status", "logs web-1"],
      },
      { minute: 30, says: "the network and the servers are tested", looks: ["units", "metrics web-1"] },
      {
        minute: 60,
        says: "the database's performance is looked into",
        looks: ["logs database", "metrics database"],
      },
      { minute: 90, says: "the application's code is searched for errors", looks: ["logs web-4"] },
      { minute: 120, says: "escalated to DevOps and senior engineers", looks: ["status"] },
      {
        minute: 135,
        says: "the review comes to the maintenance: the weights were set wrong",
        looks: ["changes", "config"],
        diagnosis: { component: "web", mechanism: "traffic-skewed", scope: "some-requests" },
      },
      { minute: 150, says: "the balancer's configuration is put back", does: rollBack.steps },
    ],
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
  paces: { drill },
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
      shows: "the last change to the balancer touched the weights",
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
      refutedBy: "it went to web-4, which has no failures",
      subjects: ["web-4", "deploy"],
    },
  ],
  hints: [
    "Do all backends fail, or one? Set its share of the requests beside the others'.",
    "Who decides how much each backend gets, and when did that last change?",
    "lblab config diff 1 2",
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
