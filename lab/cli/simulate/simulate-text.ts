import type { Scenario } from "../../../scenarios/scenario.ts";
import { RESPONDERS } from "../../responders/index.ts";
import { percent } from "../../judge/well.ts";
import type { SimulationReport } from "../../simulate/report.ts";
import type { Simulation } from "../../simulate/simulate-drill.ts";
import { paint } from "../output.ts";
import { reportedLoss } from "../records/reported-loss.ts";
import { table } from "../tables.ts";

/** A simulation's result for people: the timeline, and the figures beside the report's. */
export function simulationText(
  scenario: Scenario,
  report: SimulationReport,
  { result, state }: Pick<Simulation, "result" | "state">,
): string {
  const { measured } = result;
  const minutes = (seconds: number | null): string =>
    seconds === null ? "not reached" : `minute ${(seconds / 60).toFixed(1)}`;
  const answers = Object.entries(report.statuses)
    .sort(([, a], [, b]) => b - a)
    .map(([status, count]) => `${count} x ${status}`)
    .join(", ");
  const figures = [
    ["impact", `${percent(report.failedRequestRatio)} of requests failed`],
    ["", `${percent(report.affectedUserRatio)} of users affected (report: ${scenario.report.impact})`],
    ["answers", answers === "" ? "none failed" : answers],
    [
      result.restoredBy === undefined ? "repaired" : `repaired by ${result.restoredBy}`,
      minutes(measured.secondsToMitigate),
    ],
    ["users well", minutes(measured.secondsToRestore)],
    ["check", verdict(result.check, state.durable)],
    [
      "user-minutes lost",
      `${report.userMinutesLostPer1000} per 1,000 users; report: ${reportedLoss(scenario, report.pace)}`,
    ],
    ["requests", report.requests.toLocaleString("en")],
    ["virtual time", `${(report.virtualSeconds / 60).toFixed(1)} min`],
    [
      "took",
      `${(report.wallMs / 1000).toFixed(1)} s: ${Math.round((report.virtualSeconds * 1000) / Math.max(1, report.wallMs))} times faster`,
    ],
    ["digest", report.digest],
  ];
  return [
    paint("bold", `${scenario.title} (${scenario.alias}), pace ${report.pace}, seed ${report.seed}`),
    `Responder ${report.responder}: ${RESPONDERS[report.responder].assumptions}`,
    table(
      ["minute", "event", "detail"],
      report.timeline.map(({ minute, event, detail }) => [
        minute.toFixed(2).padStart(7),
        event,
        detail.replaceAll("\n", " "),
      ]),
    ),
    table(["", ""], figures).trim(),
  ].join("\n\n");
}

/** Whether it lasts is known only where all units were restarted once. */
function verdict(check: "OK" | "NO", durable: boolean | null): string {
  if (check === "NO" || durable === null) return check;
  return durable ? "OK, and it lasts" : "OK, but it does not last";
}
