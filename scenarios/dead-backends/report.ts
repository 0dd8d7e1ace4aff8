import type { PaceSet } from "../scenario.ts";
import { browsingForHours, CACHE, database, webBackends } from "../shop.ts";
import { REPORT_TIMING } from "../timing.ts";
import { drill } from "./drill.ts";

/** 105 minutes. The same users, who come half as often, and servers that can do half as much. */
export const report: PaceSet = {
  ...drill,
  timing: REPORT_TIMING,
  topology: {
    ...drill.topology,
    backends: [...webBackends(7, { slots: 3, serviceMs: 50, queueLimit: 20 }, { cache: CACHE }), database],
  },
  workload: browsingForHours,
  impact: {
    ...drill.impact,
    expectations: [
      { figure: "affectedUserRatio", min: 0.27, max: 0.33 },
      { figure: "affectedUsersFailedRatio", min: 0.95 },
      { figure: "otherUsersFailedRatio", max: 0.01 },
    ],
  },
};
