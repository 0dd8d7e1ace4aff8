import type { Scenario } from "../../scenarios/scenario.ts";
import { alertSpans } from "./alert-spans.ts";
import type { SimulationReport } from "./report.ts";
import type { Simulation } from "./simulate-drill.ts";
import { minuteOf, outageBegan } from "./timeline.ts";
import { marksOf } from "../chart/marks.ts";
import { ratesOf } from "../chart/rates.ts";
import { drawRun } from "../chart/run-chart.ts";

/** A simulation as one SVG document that needs nothing else: no script, no font, no picture from elsewhere. */
export function drawSimulation(scenario: Scenario, simulation: Simulation, report: SimulationReport): string {
  const origin = outageBegan(simulation);
  const end = endOf(simulation);
  const percent = (ratio: number): string => `${(ratio * 100).toFixed(1)} %`;
  const { steadyAt, createdAt } = simulation.state;
  return drawRun({
    title: `${scenario.title}: responder ${report.responder}`,
    subtitle:
      `pace ${report.pace}, seed ${report.seed}; ${percent(report.failedRequestRatio)} of requests failed, ` +
      `${percent(report.affectedUserRatio)} of users affected, ${report.userMinutesLostPer1000} user-minutes lost per 1,000 users`,
    ...ratesOf(simulation.series, origin, end),
    alerts: alertSpans(simulation.journal).map(({ name, severity, firedAt, resolvedAt }) => ({
      name,
      severity,
      from: minuteOf(firedAt, origin),
      to: resolvedAt === null ? null : minuteOf(Math.min(resolvedAt, end), origin),
    })),
    marks: marksOf(report.timeline.filter(({ minute }) => minute <= minuteOf(end, origin))),
    toMinute: minuteOf(end, origin),
    steadyMinute: minuteOf(steadyAt ?? createdAt, origin),
  });
}

/** The judge's last check (epoch ms): what follows is the judge's restart and the reset, and none of the incident. */
const endOf = ({ journal }: Simulation): number =>
  Date.parse(journal.findLast(({ event }) => event === "checked")?.at ?? journal.at(-1)?.at ?? "");
