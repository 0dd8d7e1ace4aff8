import { defineScenario, type ConfigInput, type PaceSet, type Topology, type Workload } from "../scenario.ts";
import {
  apply,
  authAddress,
  authBackends,
  database,
  HEALTH,
  PAGES,
  restart,
  rollBack,
  shopConfig,
  stopTheLoad,
  stopTheProber,
  unitsOf,
  unweighted,
  webBackends,
  webUpstreams,
} from "../shop.ts";

type Auth = ConfigInput["pools"][string];

const AUTH = [1, 2, 3, 4] as const;
/** What an auth server can do side by side, and what the balancer therefore lets through to it. */
const SLOTS = 3;

const authUpstreams = (servers: readonly number[], maxConnections: number): Auth["upstreams"] =>
  servers.map((n) => ({ name: `auth-${n}`, address: authAddress(n), maxConnections }));

const config = (auth: Auth["upstreams"], more: Partial<Auth> = {}): ConfigInput =>
  shopConfig(
    {
      auth: {
        policy: { type: "round-robin" },
        health: HEALTH,
        queue: { limit: 12, timeoutMs: 2000 },
        upstreams: auth,
        ...more,
      },
      web: {
        policy: { type: "round-robin" },
        health: HEALTH,
        upstreams: webUpstreams(unweighted(3)),
      },
    },
    [
      { path: "/login", pool: "auth" },
      { path: "/", pool: "web" },
    ],
  );

const ALL = authUpstreams(AUTH, SLOTS);
const FUNNEL = authUpstreams([1], 1);

/**
 * 660 users whose sessions last a minute on average need 11 logins a second. Four servers with three slots and 364 ms a
 * login do 33, one slot does 2.75: enough to keep a quarter of the users signed in.
 */
const SESSION_SECONDS = 60;

const topology: Topology = {
  config: config(ALL),
  backends: [
    ...webBackends(
      3,
      { slots: 8, serviceMs: 40, queueLimit: 40 },
      {
        calls: { auth: Object.fromEntries(AUTH.map((n) => [`auth-${n}`, `http://${authAddress(n)}`])) },
      },
    ),
    ...authBackends(AUTH.length, { slots: SLOTS, serviceMs: 364, queueLimit: 8 }, SESSION_SECONDS),
    database,
  ],
};

const workload: Workload = {
  loadRequestsPerSecond: 60,
  users: {
    count: 660,
    prefix: "guest-",
    visitEveryMs: 5000,
    timeoutMs: 8000,
    // Every user who is locked out tries at least once in any 10 s.
    login: { retryEveryMs: 7000, retryJitter: 0.4, patienceMs: 8000, rampMs: 0 },
  },
  pages: PAGES,
};

const drill: PaceSet = {
  topology,
  workload,
  steadyState: {
    failedRatio: 0.005,
    affectedRatio: 0.005,
    p95Ms: { page: 150, account: 150, login: 1500 },
    maxShare: { page: 0.5, login: 0.45 },
  },
  prelude: [
    (stage) =>
      stage.deploy({ by: "release-train", summary: "web 4.2.1: new account page" }, "web-3", "4.2.1"),
  ],
  change: [
    (stage) =>
      stage.pushConfig(
        { by: "ops-patch", summary: "PCH-1113 auth servers patched one after another" },
        config(FUNNEL),
      ),
    // Patched and restarted while out of the pool: the sessions they kept in memory are gone.
    (stage) =>
      stage.restart({ by: "ops-patch", summary: "PCH-1113 restart after patch" }, [
        "auth-2",
        "auth-3",
        "auth-4",
      ]),
  ],
  impact: {
    expectations: [
      { figure: "affectedUserRatio", min: 0.7, max: 0.8 },
      { figure: "answerShare", route: "login", answer: "503 UO", min: 0.99 },
      { figure: "routeFailedRatio", route: "page", max: 0.01 },
      { figure: "routeFailedRatio", route: "account", max: 0.01 },
    ],
    // Until everyone who was signed out has tried once.
    settleMs: 10_000,
  },
  recoveryMs: 75_000,
  rightFixes: [rollBack, { name: "restore all auth servers and their limits", steps: [apply(config(ALL))] }],
  mitigations: [],
  wrongFixes: [
    { name: "restore only the servers", steps: [apply(config(authUpstreams(AUTH, 1)))] },
    { name: "restore only the limit", steps: [apply(config(authUpstreams([1], SLOTS)))] },
    { name: "restart auth servers", steps: restart(...unitsOf(topology, "auth")) },
    {
      name: "roll back the deployment",
      steps: [{ do: "unit config", unit: "web-3", set: { version: "4.2.0" } }, ...restart("web-3")],
    },
    {
      name: "raise the queue length only",
      steps: [apply(config(FUNNEL, { queue: { limit: 500, timeoutMs: 2000 } }))],
    },
    { name: "raise timeouts", steps: [apply(config(FUNNEL, { queue: { limit: 500, timeoutMs: 60_000 } }))] },
    stopTheLoad,
    stopTheProber,
  ],
};

export const authBottleneck = defineScenario({
  id: "auth-bottleneck",
  alias: "juniper",
  title: "Authentication funnelled through one server",
  report: {
    number: "002",
    window: "2023-11-13, 02:00 to 06:00 UTC",
    impact: "75 % of users locked out",
    impactRatio: 0.75,
    status: "503",
    minutes: { detect: 0, identify: 60, mitigate: 120, restore: 240 },
    userMinutesLostPer1000: 180_000,
    timeline: [
      { minute: 0, event: "alert: authentication errors" },
      { minute: 10, event: "the logs of the auth service are read" },
      { minute: 30, event: "a recent deployment is suspected" },
      { minute: 60, event: "the balancer's configuration is found to be the cause" },
      { minute: 90, event: "escalated to the infrastructure team" },
      { minute: 120, event: "distribution corrected" },
      { minute: 240, event: "service restored" },
    ],
    playbook: [
      { minute: 0, says: "alert: authentication errors", looks: ["alerts", "status"] },
      {
        minute: 10,
        says: "the auth service's logs are searched for anything unusual",
        looks: ["logs auth-1", "logs auth-2"],
      },
      {
        minute: 30,
        says: "a recent deployment is suspected, and changes are gone through",
        looks: ["changes", "logs web-3"],
      },
      {
        minute: 60,
        says: "the balancer's configuration is found to be the cause",
        looks: ["config", "status"],
        diagnosis: { component: "auth", mechanism: "pool-throttled", scope: "one-route" },
      },
      { minute: 90, says: "escalated to the infrastructure team" },
      { minute: 120, says: "the distribution is corrected", does: rollBack.steps },
    ],
    contradictions: [
      {
        claim: "120 minutes from the correction to restored service",
        reason: "nothing in the report explains them",
        treatment:
          "a retry herd: everyone locked out tries again and again, and the auth servers work off the backlog",
      },
      {
        claim: "a recent deployment",
        reason: "named as a false assumption, without saying what was deployed",
        treatment: "a deployment of another service really happened shortly before",
      },
    ],
    measures: [
      "review of the balancer's configuration",
      "automated anomaly detection",
      "scheduled configuration audit",
      "automated rollback",
    ],
  },
  paces: { drill },
  alerts: {
    mustFire: ["LoginFailures", "HighFailureRatio", "QueueFull", "ConfigChanged"],
    mustNotFire: [
      "BalancerUnreachable",
      "DependentApiFailing",
      "UnevenDistribution",
      "UnitRestarting",
      "UnitFailed",
      "UpstreamDown",
    ],
  },
  evidence: [
    {
      look: "lblab status",
      shows: "logins fail with 503 and the balancer's own flag UO: they never reached an auth server",
    },
    { look: "lblab logs auth-1", shows: "clean: the auth service refuses nothing" },
    {
      look: "lblab status",
      shows: "the queue of the pool auth is full while three auth servers idle outside of it",
    },
    {
      look: "lblab changes; lblab config diff 1 2",
      shows: "the last change left one upstream with one connection in the pool auth",
    },
  ],
  falseLeads: [
    {
      looksLike: "the auth service is broken",
      refutedBy: "its log is clean and it answers every request it gets",
      subjects: ["auth-1", "auth-2", "auth-3", "auth-4"],
    },
    {
      looksLike: "the deployment of that night",
      refutedBy: "it went to web, and pages do not fail",
      subjects: ["web-3", "deploy"],
    },
  ],
  hints: [
    "Who wrote the 503, the auth service or somebody in front of it?",
    "How long is the queue in front of the auth pool, and how busy are the auth servers?",
    "How many servers and how many connections does the pool have? lblab config diff 1 2",
  ],
  diagnosis: {
    accepted: [
      { component: "auth", mechanism: "pool-throttled", scope: "one-route" },
      { component: "balancer", mechanism: "pool-throttled", scope: "one-route" },
    ],
    refuted: [
      { mechanism: "backend-bug", because: "the auth servers answer every request that reaches them" },
      {
        mechanism: "session-loss",
        because:
          "sessions were lost once, in the restart; what keeps users out is that they cannot sign in again",
      },
      { mechanism: "bad-deployment", because: "it went to another service, whose pages do not fail" },
      {
        mechanism: "traffic-surge",
        because: "the retries are the effect: before the change there were few logins",
      },
      { mechanism: "database-slow", because: "logins do not use it, and pages are quick" },
      { scope: "everyone", because: "pages work, and who is signed in notices nothing" },
      { scope: "some-users", because: "nobody is locked out for good: now and then somebody gets in" },
    ],
  },
  spoilers: ["bottleneck", "funnel", "throttled"],
});
