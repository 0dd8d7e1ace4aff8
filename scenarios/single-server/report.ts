import type { PaceSet } from "../scenario.ts";
import { REPORT_TIMING } from "../timing.ts";
import { drill } from "./drill.ts";

export const report: PaceSet = { ...drill, timing: REPORT_TIMING };
