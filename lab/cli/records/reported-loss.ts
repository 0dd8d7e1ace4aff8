import { paceOf, type PaceName, type Scenario } from "../../../scenarios/scenario.ts";

/** User-minutes lost per 1,000 users by the report, beside which those of a run at this pace can be set. */
export function reportedLoss(scenario: Scenario, pace: PaceName): string {
  const { userMinutesLostPer1000: lost } = scenario.report;
  const { reportMinuteMs } = paceOf(scenario, pace).timing;
  if (reportMinuteMs === 60_000) return lost.toLocaleString("en");
  const here = Math.round((lost * reportMinuteMs) / 60_000);
  return `${here.toLocaleString("en")} (${lost.toLocaleString("en")}, a minute as ${reportMinuteMs / 1000} s)`;
}
