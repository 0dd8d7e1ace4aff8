import type { ConfigInput, Fault, PaceSet, Topology, Workload } from "../scenario.ts";
import {
  apply,
  authAddress,
  authBackends,
  backInService,
  database,
  HEALTH,
  PAGES,
  restart,
  rollBack,
  shopConfig,
  unitsOf,
  unweighted,
  webBackends,
  webUpstreams,
} from "../shop.ts";
import { DRILL_TIMING } from "../timing.ts";

type Auth = ConfigInput["pools"][string];

export const AUTH = [1, 2, 3, 4] as const;
/** What an auth server can do side by side, and what the balancer therefore lets through to it. */
export const SLOTS = 3;

const authUpstreams = (servers: readonly number[], maxConnections: number): Auth["upstreams"] =>
  servers.map((n) => ({ name: `auth-${n}`, address: authAddress(n), maxConnections }));

/** web-1 to web-3 are replaced in the same evening, and given back. */
export const OLD_WEB = [1, 2, 3] as const;
export const NEW_WEB = [4, 5, 6] as const;
const GONE = OLD_WEB.map((n) => `web-${n}`);

/** With the web servers that are there since, unless others are named. */
export const config = (
  auth: Auth["upstreams"],
  more: Partial<Auth> = {},
  web: readonly number[] = NEW_WEB,
): ConfigInput =>
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
        upstreams: webUpstreams(unweighted(web.length), web),
      },
    },
    [
      { path: "/login", pool: "auth" },
      { path: "/", pool: "web" },
    ],
  );

export const ALL = authUpstreams(AUTH, SLOTS);
export const FUNNEL = authUpstreams([1], 1);

/**
 * 660 users whose sessions last a minute on average need 11 logins a second. Four servers with three slots and 364 ms a
 * login do 33, one slot does 2.75: enough to keep a quarter of the users signed in.
 */
const SESSION_SECONDS = 60;

const topology: Topology = {
  config: config(ALL, {}, OLD_WEB),
  backends: [
    ...webBackends(
      OLD_WEB.length + NEW_WEB.length,
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

/** Innocent, and needed from then on: the pool of web servers, in the configuration that it finds. */
export const replaced = (write: typeof config): Fault[] => [
  (stage) =>
    stage.pushConfig(
      { by: "ops-hardware", summary: "HW-0644 web-4 to web-6 in the places of web-1 to web-3" },
      write(FUNNEL),
    ),
  (stage) => stage.retire({ by: "ops-hardware", summary: "HW-0644 old servers given back" }, GONE),
];

/** Ways of repair and what is taken for them, with configurations written for a pace. */
export const fixes = (
  write: typeof config,
  topology: Topology,
): Pick<PaceSet, "rightFixes" | "mitigations" | "wrongFixes"> => ({
  rightFixes: [
    { name: "restore all auth servers and their limits", steps: [apply(write(ALL))] },
    { name: "restore half of the auth servers, and their limits", steps: [apply(write(ALL.slice(0, 2)))] },
    {
      name: "back to the first version, and the servers that it names back in service",
      steps: [...backInService(...GONE), ...rollBack.steps],
    },
  ],
  mitigations: [],
  wrongFixes: [
    rollBack,
    {
      name: "take the newest change of the configuration back",
      steps: [{ do: "config rollback", version: 2 }],
    },
    { name: "restore only the servers", steps: [apply(write(authUpstreams(AUTH, 1)))] },
    { name: "restore only the limit", steps: [apply(write(authUpstreams([1], SLOTS)))] },
    { name: "restart auth servers", steps: restart(...unitsOf(topology, "auth")) },
    {
      name: "roll back the deployment",
      steps: [{ do: "unit config", unit: "web-5", set: { version: "4.2.0" } }, ...restart("web-5")],
    },
    {
      name: "raise the queue length only",
      steps: [apply(write(FUNNEL, { queue: { limit: 500, timeoutMs: 2000 } }))],
    },
    { name: "raise timeouts", steps: [apply(write(FUNNEL, { queue: { limit: 500, timeoutMs: 60_000 } }))] },
  ],
});

export const drill: PaceSet = {
  timing: DRILL_TIMING,
  topology,
  workload,
  steadyState: {
    failedRatio: 0.005,
    affectedRatio: 0.005,
    p95Ms: { page: 150, account: 150, login: 1500 },
  },
  prelude: [
    (stage) =>
      stage.deploy({ by: "release-train", summary: "web 4.2.1: new account page" }, "web-5", "4.2.1"),
  ],
  change: [
    (stage) =>
      stage.pushConfig(
        { by: "ops-patch", summary: "PCH-1113 auth servers patched one after another" },
        config(FUNNEL, {}, OLD_WEB),
      ),
    // Patched and restarted while out of the pool: the sessions they kept in memory are gone.
    (stage) =>
      stage.restart({ by: "ops-patch", summary: "PCH-1113 restart after patch" }, [
        "auth-2",
        "auth-3",
        "auth-4",
      ]),
    ...replaced(config),
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
  // All servers without their limits get there, too, only later: the herd takes minutes.
  recoveryMs: 75_000,
  restartRecoveryMs: 120_000,
  ...fixes(config, topology),
};
