import type { PaceSet, Topology, Workload } from "../scenario.ts";
import { browsingForHours, database, webBackends } from "../shop.ts";
import { REPORT_TIMING } from "../timing.ts";
import { drill } from "./drill.ts";

/** Pages of the shop; a server's memory holds all of them. */
const PAGES = 33_000;

/**
 * 150 minutes. A server does 60 requests a second out of its memory. The one that gets all 100 refuses 40 of them, which
 * crashes it after 8.5 s; from then on it is cold, does less than half as much, and crashes as often as it starts. The four
 * others give their memory back in an idle hour. Evenly spread again, all five fill their memory through a database that
 * does 40 queries a second, and until three pages in five are ready more are asked for than it can give.
 */
const topology: Topology = {
  ...drill.topology,
  backends: [
    ...webBackends(
      5,
      {
        slots: 3,
        serviceMs: 50,
        queueLimit: 10,
        crash: { refusalsPerSecond: 25, forMs: 8500 },
      },
      { restartDelayMs: 3200, cache: { pages: PAGES, idleMs: 3_600_000 } },
    ).map((spec) => (spec.name === "web-5" ? { ...spec, version: "4.2.1" } : spec)),
    { ...database, capacity: { slots: 6, serviceMs: 145, queueLimit: 256 } },
  ],
};

const workload: Workload = {
  ...browsingForHours,
  loadRequestsPerSecond: 4,
  users: { ...browsingForHours.users, visitEveryMs: 5200 },
  catalogue: { prefix: "/products/", count: PAGES },
};

export const report: PaceSet = {
  ...drill,
  timing: REPORT_TIMING,
  topology,
  workload,
  // Full memories again: a page from the database takes its time, and is in steady state.
  steadyState: { ...drill.steadyState, p95Ms: { page: 400 } },
  // The new version has been on web-5 since the day before: a server that was just restarted would be cold.
  prelude: [
    (stage) =>
      stage.tune({ by: "dba", summary: "nightly index rebuild" }, "database", {
        "capacity.serviceMs": "150",
      }),
  ],
  impact: {
    expectations: [
      { figure: "failedRequestRatio", min: 0.82, max: 0.88 },
      { figure: "restartsPerMinute", min: 3 },
      { figure: "affectedUserRatio", min: 0.5 },
      { figure: "busiestBackendShare", route: "page", min: 0.97 },
    ],
    // The first overload is one of a warm server, and takes longer to its crash.
    settleMs: 60_000,
  },
  recoveryMs: 90 * 60_000,
};
