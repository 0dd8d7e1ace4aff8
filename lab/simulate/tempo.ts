import type { PaceName, Scenario } from "../../scenarios/scenario.ts";
import type { Tempo } from "../responders/responder.ts";

const MINUTE_MS = { report: 60_000, drill: 1000 } as const satisfies Record<PaceName, number>;
/** Users are given more than they are expected to need. */
const PATIENCE = 1.5;

/**
 * How quickly responders work: at pace `report` a minute of the report is a minute, at pace `drill` it is a second. Who
 * repairs nothing stays for as long as the report's outage lasted.
 */
export const tempoOf = ({ report, paces }: Scenario, pace: PaceName): Tempo => ({
  minuteMs: MINUTE_MS[pace],
  shiftMinutes: report.minutes.restore,
  recoveryMs: PATIENCE * paces[pace].recoveryMs,
});
