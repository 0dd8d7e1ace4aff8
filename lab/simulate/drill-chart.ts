import type { Scenario } from "../../scenarios/scenario.ts";
import { marksOf } from "../chart/marks.ts";
import { ratesOf } from "../chart/rates.ts";
import { drawRun } from "../chart/run-chart.ts";
import type { TrafficSeries } from "../chart/series.ts";
import type { JournalLine } from "../drill/events.ts";
import type { DrillState } from "../drill/state.ts";
import { percent } from "../judge/well.ts";
import { alertSpans } from "./alert-spans.ts";
import type { SimulationReport } from "./report.ts";
import type { Simulation } from "./simulate-drill.ts";
import { minuteOf, outageBegan, timelineOf, type TimelineEntry } from "./timeline.ts";

/** A simulation as one SVG document that needs nothing else: no script, no font, no picture from elsewhere. */
export const drawSimulation = (
  scenario: Scenario,
  simulation: Simulation,
  report: SimulationReport,
): string =>
  drawDrill({
    title: `${scenario.title}: responder ${report.responder}`,
    subtitle: `pace ${report.pace}, seed ${report.seed}; ${felt(report)}`,
    ...simulation,
    timeline: report.timeline,
  });

/** A drill of the past in the same way. `series` was recorded beside its journal. */
export function drawPastDrill(
  title: string,
  past: {
    readonly journal: readonly JournalLine[];
    readonly state: DrillState;
    readonly series: TrafficSeries;
  },
): string {
  const { impact, userMinutesLostPer1000 } = past.state;
  return drawDrill({
    title,
    subtitle:
      impact === null
        ? `seed ${past.state.seed}`
        : `seed ${past.state.seed}; ${felt({ ...impact, userMinutesLostPer1000: userMinutesLostPer1000 ?? 0 })}`,
    ...past,
    timeline: [...changeOf(past.state), ...timelineOf({ ...past, changes: [], said: [] })],
  });
}

/** A journal says when the change was made, and leaves to the debrief what it was. */
const changeOf = (state: DrillState): TimelineEntry[] =>
  state.changedAt === null ? [] : [{ minute: 0, event: "change", detail: "the change" }];

const felt = (figures: {
  readonly failedRequestRatio: number;
  readonly affectedUserRatio: number;
  readonly userMinutesLostPer1000: number;
}): string =>
  `${percent(figures.failedRequestRatio)} of requests failed, ${percent(figures.affectedUserRatio)} of users affected, ` +
  `${figures.userMinutesLostPer1000} user-minutes lost per 1,000 users`;

interface DrawnDrill {
  readonly title: string;
  readonly subtitle: string;
  readonly journal: readonly JournalLine[];
  readonly state: DrillState;
  readonly series: TrafficSeries;
  readonly timeline: readonly TimelineEntry[];
}

function drawDrill({ title, subtitle, journal, state, series, timeline }: DrawnDrill): string {
  const origin = outageBegan({ state });
  const end = endOf(journal);
  const toMinute = minuteOf(end, origin);
  return drawRun({
    title,
    subtitle,
    ...ratesOf(series, origin, end),
    alerts: alertSpans(journal).map(({ name, severity, firedAt, resolvedAt }) => ({
      name,
      severity,
      from: minuteOf(firedAt, origin),
      to: resolvedAt === null ? null : minuteOf(Math.min(resolvedAt, end), origin),
    })),
    marks: marksOf(timeline.filter(({ minute }) => minute <= toMinute)),
    toMinute,
    steadyMinute: minuteOf(state.steadyAt ?? state.createdAt, origin),
  });
}

/** The judge's last check (epoch ms): what follows is the judge's restart and the reset, and none of the incident. */
const endOf = (journal: readonly JournalLine[]): number =>
  Date.parse(journal.findLast(({ event }) => event === "checked")?.at ?? journal.at(-1)?.at ?? "");
