import type { PaceSet } from "../scenario.ts";
import { browsingForHours, CACHE, database, webBackends } from "../shop.ts";
import { REPORT_TIMING } from "../timing.ts";
import { drill } from "./drill.ts";

/** 150 minutes. 70 of 100 requests a second go to a server that can do 40: 30 fail. */
export const report: PaceSet = {
  ...drill,
  timing: REPORT_TIMING,
  topology: {
    ...drill.topology,
    backends: [...webBackends(8, { slots: 2, serviceMs: 50, queueLimit: 20 }, { cache: CACHE }), database],
  },
  workload: browsingForHours,
  impact: {
    ...drill.impact,
    expectations: [
      { figure: "failedRequestRatio", min: 0.27, max: 0.33 },
      { figure: "p95Factor", route: "page", min: 3 },
      { figure: "worstBackendFailureShare", min: 0.99 },
    ],
  },
};
