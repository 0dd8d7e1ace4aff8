import type { PaceName, Scenario } from "../../scenarios/scenario.ts";
import type { ResponderName } from "../responders/index.ts";
import { namesOf, type Choice, type MeasureOptions } from "../measures/choice.ts";
import { alertSpans } from "./alert-spans.ts";
import type { Simulation } from "./simulate-drill.ts";
import { minuteOf, outageBegan, timelineOf, type TimelineEntry } from "./timeline.ts";

/** The JSON contract of `simulate --json`. Ratios 0..1, over the windows of the impact, before the first repair. */
export interface SimulationReport {
  readonly schemaVersion: 1;
  readonly scenario: string;
  readonly seed: number;
  readonly pace: PaceName;
  readonly responder: ResponderName;
  /** Corrective measures that were on; a standard one that was off as `-NAME`. */
  readonly measures: readonly string[];
  /** Options of these measures that were given. */
  readonly measureOptions?: MeasureOptions;
  readonly virtualSeconds: number;
  /** How long the simulation took. */
  readonly wallMs: number;
  /** Requests of users and load. */
  readonly requests: number;
  readonly failedRequestRatio: number;
  readonly affectedUserRatio: number;
  readonly userMinutesLostPer1000: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly timeline: readonly TimelineEntry[];
  readonly alerts: readonly {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly firedAtMinute: number;
    readonly resolvedAtMinute: number | null;
  }[];
  /** SHA-256 of the event log. */
  readonly digest: string;
}

export interface ReportedRun {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly pace: PaceName;
  readonly responder: ResponderName;
  readonly wallMs: number;
  readonly choice: Choice;
}

export function simulationReport(simulation: Simulation, run: ReportedRun): SimulationReport {
  const origin = outageBegan(simulation);
  const { measured } = simulation.result;
  return {
    schemaVersion: 1,
    scenario: run.scenario.id,
    seed: run.seed,
    pace: run.pace,
    responder: run.responder,
    measures: namesOf(run.choice),
    ...(namesOf(run.choice).length === 0 ? {} : { measureOptions: run.choice.with }),
    virtualSeconds: Math.round(simulation.virtualSeconds * 1000) / 1000,
    wallMs: Math.round(run.wallMs),
    requests: simulation.series.sent.reduce((sum, count) => sum + count, 0),
    failedRequestRatio: measured.failedRequestRatio,
    affectedUserRatio: measured.affectedUserRatio,
    userMinutesLostPer1000: measured.userMinutesLostPer1000,
    statuses: measured.statuses,
    timeline: timelineOf(simulation),
    alerts: alertSpans(simulation.journal).map(({ name, labels, firedAt, resolvedAt }) => ({
      name,
      labels,
      firedAtMinute: minuteOf(firedAt, origin),
      resolvedAtMinute: resolvedAt === null ? null : minuteOf(resolvedAt, origin),
    })),
    digest: simulation.digest,
  };
}
