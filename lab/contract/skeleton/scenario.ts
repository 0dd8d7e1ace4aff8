import {
  apply,
  browsing,
  database,
  defineScenario,
  DRILL_TIMING,
  lasts,
  pagesAtOnce,
  REPORT_TIMING,
  restart,
  rollBack,
  tailOf,
  unitsOf,
  unweighted,
  webBackends,
  webConfig,
  webUpstreams,
  type ConfigInput,
  type PaceSet,
  type Topology,
} from "outage-lab/scenario";

/**
 * A scenario is data. This one is complete and keeps the contract as it stands: `lblab scenario test` says so. Change it
 * step by step, and ask again after each.
 *
 * The example: somebody limits how many connections the balancer opens to each backend, to far fewer than they need.
 * 200 requests a second of 50 ms each keep ten connections busy; four backends with one each let four through, which is
 * 75 to 80 requests a second, and the balancer answers the others with 503 as soon as its queue is full.
 */
const BACKENDS = 4;
const TOO_FEW = 1;

const limited = (maxConnections: number, more: Partial<ConfigInput["pools"][string]> = {}): ConfigInput =>
  webConfig([], {
    queue: { limit: 16, timeoutMs: 2000 },
    upstreams: webUpstreams(unweighted(BACKENDS)).map((upstream) => ({ ...upstream, maxConnections })),
    ...more,
  });
const limitedWithLongQueue: ConfigInput = webConfig([], {
  queue: { limit: 1000, timeoutMs: 2000 },
  upstreams: webUpstreams(unweighted(BACKENDS)).map((upstream) => ({ ...upstream, maxConnections: TOO_FEW })),
});

/** What there is: a balancer with this configuration, and these backends. */
const topology: Topology = {
  config: limited(64),
  backends: [...webBackends(BACKENDS, { slots: 8, serviceMs: 50, queueLimit: 40 }), database],
};

const drill: PaceSet = {
  timing: DRILL_TIMING,
  topology,
  // Who comes: 500 users with 100 requests a second, and as many from the load.
  workload: browsing,
  // What users have when all is well. Every check holds 10 s of their requests against it.
  steadyState: { failedRatio: 0.005, affectedRatio: 0.005, p95Ms: { page: 150 } },
  // What was really done before, and is innocent.
  prelude: [
    (stage) => stage.deploy({ by: "release-train", summary: "web 4.2.1: new footer" }, "web-2", "4.2.1"),
  ],
  // What breaks it. The summary is read by the trainee: it says what was done, not what it broke.
  change: [
    (stage) =>
      stage.pushConfig({ by: "ops-hardening", summary: "HRD-0042 protect the backends" }, limited(TOO_FEW)),
  ],
  impact: {
    // The first is the figure that the story states. Bands hold on every seed, or the drill is void.
    expectations: [
      { figure: "failedRequestRatio", min: 0.55, max: 0.7 },
      { figure: "answerShare", route: "page", answer: "503 UO", min: 0.99 },
    ],
    settleMs: 4000,
  },
  recoveryMs: 45_000,
  // Every one of these passes the check and survives a restart of all units.
  rightFixes: [rollBack, { name: "allow enough connections", steps: [apply(limited(32))] }],
  // These pass and do not survive it: there are none here.
  mitigations: [],
  // None of these passes.
  wrongFixes: [
    { name: "restart the balancer", steps: restart("balancer") },
    { name: "restart the backends", steps: restart(...unitsOf(topology, "web")) },
    { name: "a longer queue", steps: [apply(limitedWithLongQueue)] },
    {
      name: "longer timeouts",
      steps: [apply(limited(TOO_FEW, { timeouts: { connectMs: 10_000, responseMs: 60_000 } }))],
    },
    {
      name: "retries",
      steps: [apply(limited(TOO_FEW, { retry: { attempts: 3, on: ["connect-failure", "5xx"] } }))],
    },
  ],
};

export const scenario = defineScenario({
  id: "new-scenario",
  alias: "meadow",
  title: "Too few connections to each backend",
  report: {
    number: "none",
    window: "an example",
    impact: "about 60 % of requests",
    impactRatio: 0.6,
    status: "503",
    minutes: { detect: 0, identify: 10, mitigate: 20, restore: 20 },
    userMinutesLostPer1000: 12_000,
    timeline: [
      { minute: 0, event: "alert on failed requests" },
      { minute: 20, event: "the limit is taken back" },
    ],
    playbook: [
      { minute: 0, says: "requests fail: who answers them with 503?", looks: ["status"] },
      { minute: 10, says: "the last change limited the connections", looks: ["changes", "config"] },
      { minute: 20, says: "back to what it was", does: rollBack.steps },
    ],
    claims: [pagesAtOnce, tailOf(0), lasts(20)],
    // Where a real report is modelled: each of its sentences with a figure, and what became of it.
    statements: [],
    contradictions: [],
    measures: ["review of the balancer's configuration"],
  },
  // `report` is the story at its own length, for `lblab simulate`.
  paces: { drill, report: { ...drill, timing: REPORT_TIMING } },
  alerts: {
    mustFire: ["HighFailureRatio", "QueueFull", "ConfigChanged"],
    mustNotFire: ["BalancerUnreachable", "LoginFailures", "UnevenDistribution", "UpstreamDown", "UnitFailed"],
  },
  evidence: [
    {
      look: "lblab status",
      shows: "requests fail with 503 and the balancer's own flag UO: they reached no backend",
    },
    {
      look: "lblab changes; lblab config diff 1 2",
      shows: "the last change set maxConnections of every upstream",
    },
  ],
  falseLeads: [
    {
      looksLike: "the backends are overloaded",
      refutedBy: "they refuse nothing, and most of their slots are free",
      subjects: unitsOf(topology, "web"),
    },
  ],
  hints: ["Who wrote the 503: a backend, or somebody in front of it?", "lblab config diff 1 2"],
  diagnosis: {
    accepted: [
      { component: "web", mechanism: "pool-throttled", scope: "some-requests" },
      { component: "balancer", mechanism: "pool-throttled", scope: "some-requests" },
    ],
    refuted: [{ mechanism: "backend-bug", because: "the backends answer all that reaches them" }],
  },
  // Words that nothing a trainee sees may contain before the end.
  spoilers: ["too few connections", "throttled"],
});
