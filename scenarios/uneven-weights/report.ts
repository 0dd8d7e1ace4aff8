import type { PaceSet } from "../scenario.ts";
import { atReportPace, database, halveTheLoad, stopTheLoad, webBackends } from "../shop.ts";
import { REPORT_TIMING } from "../timing.ts";
import { drill } from "./drill.ts";

/** 150 minutes. 70 of 100 requests a second go to a server that can do 40: 30 fail. */
export const report: PaceSet = {
  ...drill,
  timing: REPORT_TIMING,
  topology: {
    ...drill.topology,
    backends: [...webBackends(5, { slots: 2, serviceMs: 50, queueLimit: 20 }), database],
  },
  workload: atReportPace,
  wrongFixes: drill.wrongFixes.map((fix) =>
    fix.name === stopTheLoad.name || !fix.name.startsWith("halve") ? fix : halveTheLoad(atReportPace),
  ),
};
