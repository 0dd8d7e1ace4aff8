import type { PaceSet } from "../scenario.ts";
import { atReportPace } from "../shop.ts";
import { REPORT_TIMING } from "../timing.ts";
import { drill } from "./drill.ts";

/** 14 minutes: the mechanism has no parameter but time, and the other program takes every request at any rate. */
export const report: PaceSet = {
  ...drill,
  timing: REPORT_TIMING,
  workload: { ...atReportPace, apiPerSecond: 5 },
};
