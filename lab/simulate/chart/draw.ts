import type { init } from "echarts";
import { CodedError, systemCode } from "../../../runtime/errors.ts";
import type { Scenario } from "../../../scenarios/scenario.ts";
import { alertSpans } from "../alert-spans.ts";
import type { SimulationReport } from "../report.ts";
import type { Simulation } from "../simulate-drill.ts";
import { minuteOf, outageBegan } from "../timeline.ts";
import { marksOf } from "./marks.ts";
import { chartOption, WIDTH } from "./option.ts";
import { ratesOf } from "./rates.ts";

/** A simulation as one SVG document that needs nothing else: no script, no font, no picture from elsewhere. */
export async function drawSimulation(
  scenario: Scenario,
  simulation: Simulation,
  report: SimulationReport,
): Promise<string> {
  const { init: begin } = await library();
  const origin = outageBegan(simulation);
  const end = endOf(simulation);
  const percent = (ratio: number): string => `${(ratio * 100).toFixed(1)} %`;
  const { option, height } = chartOption({
    title: `${scenario.title}: responder ${report.responder}`,
    subtitle:
      `pace ${report.pace}, seed ${report.seed}; ${percent(report.failedRequestRatio)} of requests failed, ` +
      `${percent(report.affectedUserRatio)} of users affected, ${report.userMinutesLostPer1000} user-minutes lost per 1,000 users`,
    rates: ratesOf(simulation.series, origin, end),
    alerts: alertSpans(simulation.journal).map(({ name, severity, firedAt, resolvedAt }) => ({
      name,
      severity,
      from: minuteOf(firedAt, origin),
      to: resolvedAt === null ? null : minuteOf(Math.min(resolvedAt, end), origin),
    })),
    marks: marksOf(report.timeline.filter(({ minute }) => minute <= minuteOf(end, origin))),
    toMinute: minuteOf(end, origin),
  });
  const chart = begin(null, null, { renderer: "svg", ssr: true, width: WIDTH, height });
  try {
    chart.setOption(option);
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}

/** Loaded when something is drawn: nobody else waits for it, and an installation may leave it out. */
async function library(): Promise<{ readonly init: typeof init }> {
  try {
    return await import("echarts/dist/echarts.esm.min.mjs");
  } catch (error) {
    if (systemCode(error) !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new CodedError("ENVIRONMENT", "charts need the package echarts, which is not installed", {
      hint: "npm ci installs it",
      cause: error,
    });
  }
}

/** The judge's last check (epoch ms): what follows is the judge's restart and the reset, and none of the incident. */
const endOf = ({ journal }: Simulation): number =>
  Date.parse(journal.findLast(({ event }) => event === "checked")?.at ?? journal.at(-1)?.at ?? "");
