import type { Result } from "../../drill/result.ts";
import { percent } from "../../judge/well.ts";
import { table } from "../tables.ts";

/** `start --auto --all`, one row an incident. */
export function resultsTable(results: readonly Result[]): string {
  const seconds = (value: number | null): string => (value === null ? "-" : `${value.toFixed(0)} s`);
  return table(
    [
      "incident",
      "reported",
      "failed",
      "affected",
      "answers",
      "in band",
      "detect",
      "mitigate",
      "restore",
      "check",
      "lasts",
      "diagnosis",
    ],
    results.map(({ scenario, reported, measured, inBand, check, durable, diagnosis, outcome }) => [
      scenario,
      `${Math.round(reported.impactRatio * 100)} % ${reported.status}`,
      percent(measured.failedRequestRatio),
      percent(measured.affectedUserRatio),
      Object.entries(measured.statuses)
        .sort(([, a], [, b]) => b - a)
        .slice(0, 3)
        .map(([status]) => status)
        .join(" "),
      outcome ?? (inBand ? "yes" : "NO"),
      seconds(measured.secondsToDetect),
      seconds(measured.secondsToMitigate),
      seconds(measured.secondsToRestore),
      check,
      durable ? "yes" : "NO",
      outcome !== undefined && !diagnosis ? "-" : diagnosis?.correct ? "right" : "WRONG",
    ]),
  );
}
