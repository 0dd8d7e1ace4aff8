import type { PaceSet, Topology, Workload } from "../scenario.ts";
import { authAddress, authBackends, CACHE, database, PAGES, webBackends } from "../shop.ts";
import { REPORT_TIMING } from "../timing.ts";
import { ALL, AUTH, config, drill, fixes, FUNNEL, NEW_WEB, OLD_WEB, replaced, SLOTS } from "./drill.ts";

/** 22,620 users whose sessions last as many seconds on average need one login a second. */
const USERS = 22_620;

/** A login takes seconds here, and waits for its turn that much longer. */
const slowly: typeof config = (auth, more, web) =>
  config(
    auth,
    {
      queue: { limit: 12, timeoutMs: 10_000 },
      timeouts: { connectMs: 2000, responseMs: 60_000 },
      ...more,
    },
    web,
  );

/**
 * 240 minutes. Four servers with three slots and 4 s a login do three logins a second, one slot does one in four seconds:
 * enough to keep a quarter of the users signed in. Everybody else tries again and again, after pauses that double from
 * half a minute to eight; once all four are back, the backlog of 17,000 users is worked off at what three logins a second
 * leave beside the sessions that end meanwhile: two hours.
 */
const topology: Topology = {
  config: slowly(ALL, {}, OLD_WEB),
  backends: [
    ...webBackends(
      OLD_WEB.length + NEW_WEB.length,
      { slots: 4, serviceMs: 40, queueLimit: 20 },
      {
        calls: { auth: Object.fromEntries(AUTH.map((n) => [`auth-${n}`, `http://${authAddress(n)}`])) },
        cache: CACHE,
      },
    ),
    ...authBackends(AUTH.length, { slots: SLOTS, serviceMs: 4000, queueLimit: 8 }, USERS),
    database,
  ],
};

const workload: Workload = {
  loadRequestsPerSecond: 10,
  users: {
    count: USERS,
    prefix: "guest-",
    visitEveryMs: 270_000,
    timeoutMs: 8000,
    login: {
      retryEveryMs: 30_000,
      retryJitter: 0.5,
      backOff: { factor: 2, atMostMs: 480_000 },
      patienceMs: 30_000,
      rampMs: 0,
    },
  },
  pages: PAGES,
  catalogue: { prefix: "/products/", count: 1000 },
};

const pushed: PaceSet["change"] = [
  (stage) =>
    stage.pushConfig(
      { by: "ops-patch", summary: "PCH-1113 auth servers patched one after another" },
      slowly(FUNNEL, {}, OLD_WEB),
    ),
  ...drill.change.slice(1, 2),
  ...replaced(slowly),
];

export const report: PaceSet = {
  ...drill,
  // Whoever was signed out finds out when they next open their account, within ten minutes.
  timing: { ...REPORT_TIMING, impactWithinMs: 900_000 },
  topology,
  workload,
  steadyState: {
    failedRatio: 0.005,
    affectedRatio: 0.005,
    p95Ms: { page: 150, account: 150, login: 15_000 },
  },
  change: pushed,
  impact: {
    expectations: [
      { figure: "affectedUserRatio", min: 0.72, max: 0.78 },
      { figure: "answerShare", route: "login", answer: "503 UO", min: 0.99 },
      { figure: "busiestBackendShare", route: "login", min: 0.99 },
      { figure: "routeFailedRatio", route: "page", max: 0.01 },
      { figure: "routeFailedRatio", route: "account", max: 0.01 },
    ],
    settleMs: 12 * 60_000,
  },
  recoveryMs: 180 * 60_000,
  ...fixes(slowly, topology),
};
