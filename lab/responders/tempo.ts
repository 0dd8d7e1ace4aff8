import type { PaceName, Scenario } from "../../scenarios/scenario.ts";
import type { Tempo } from "./responder.ts";

/** Users are given more than they are expected to need. */
const WAIT_FACTOR = 1.5;

/** How quickly responders work: by the pace's own minute. Who repairs nothing stays for as long as the report's outage lasted. */
export const tempoOf = ({ report, paces }: Scenario, pace: PaceName): Tempo => ({
  minuteMs: paces[pace].timing.reportMinuteMs,
  shiftMinutes: report.minutes.restore,
  recoveryMs: WAIT_FACTOR * paces[pace].recoveryMs,
});
