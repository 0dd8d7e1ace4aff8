import type { PaceSet } from "../scenario.ts";
import { browsingForHours, CACHE } from "../shop.ts";
import { REPORT_TIMING } from "../timing.ts";
import { drill } from "./drill.ts";

/** 14 minutes: the mechanism has no parameter but time, and the other program takes every request at any rate. */
export const report: PaceSet = {
  ...drill,
  timing: REPORT_TIMING,
  topology: {
    ...drill.topology,
    backends: drill.topology.backends.map((spec) => (spec.role === "web" ? { ...spec, cache: CACHE } : spec)),
  },
  workload: { ...browsingForHours, apiPerSecond: 5 },
};
