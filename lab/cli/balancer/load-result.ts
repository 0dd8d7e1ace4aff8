import { percent } from "../../judge/well.ts";
import type { LatencySummary } from "../../load/latencies.ts";
import type { Totals } from "../../load/tally.ts";
import { table } from "../tables.ts";

/** What `lblab load --json` prints. Durations in milliseconds unless named otherwise. */
export interface LoadResult {
  readonly schemaVersion: 1;
  readonly url: string;
  readonly startedAt: string;
  readonly durationSeconds: number;
  readonly interrupted: boolean;
  /** What was to be sent. */
  readonly offered: {
    readonly requestsPerSecond: number;
    readonly connections: number;
    /** In the time that was measured. */
    readonly requests: number;
  };
  readonly requestsPerSecond: { readonly sent: number; readonly answered: number };
  readonly latencyMs: LatencySummary | null;
  readonly statuses: Totals["statuses"];
  readonly sent: number;
  readonly answered: number;
  readonly refused: number;
  readonly timeouts: number;
  /** Sent, and the connection ended without an answer. */
  readonly lost: number;
  /** Still without an answer when the measurement ended. */
  readonly unfinished: number;
  /** Of what was sent, what got no answer or one of 5xx. 0..1; null when nothing was sent. */
  readonly errorRatio: number | null;
  /** Answers by the backend that gave them, where they name one. */
  readonly backends: Totals["backends"];
}

/** A load that was sent, and what was measured of it. */
export interface MeasuredLoad {
  readonly url: URL;
  readonly startedAt: string;
  readonly rate: number;
  readonly connections: number;
  readonly durationSeconds: number;
  readonly measuredSeconds: number;
  readonly isInterrupted: boolean;
  readonly totals: Totals;
  readonly latencies: LatencySummary | undefined;
}

/** The result of a load, with its figures for each second and its ratios. */
export function loadResult(load: MeasuredLoad): LoadResult {
  const { rate, durationSeconds, measuredSeconds } = load;
  const { sent, answered, refused, timeouts, lost, inFlight, failed, statuses, backends } = load.totals;
  const perSecond = (count: number) => Math.round((count / measuredSeconds) * 10) / 10;
  return {
    schemaVersion: 1,
    url: load.url.href,
    startedAt: load.startedAt,
    durationSeconds: Math.round(measuredSeconds * 1000) / 1000,
    interrupted: load.isInterrupted,
    offered: {
      requestsPerSecond: rate,
      connections: load.connections,
      requests: Math.round(rate * Math.min(durationSeconds, measuredSeconds)),
    },
    requestsPerSecond: { sent: perSecond(sent), answered: perSecond(answered) },
    latencyMs: load.latencies ?? null,
    statuses,
    sent,
    answered,
    refused,
    timeouts,
    lost,
    unfinished: inFlight,
    errorRatio: sent === 0 ? null : (failed + inFlight) / sent,
    backends,
  };
}

/** A load's result for a terminal of this width. */
export function resultText(result: LoadResult, width: number): string {
  const { requestsPerSecond, latencyMs, statuses, offered, errorRatio } = result;
  const ms = (value: number | undefined) => (value === undefined ? "-" : `${value.toFixed(1)} ms`);
  const figures: (readonly [string, string])[] = [
    ["asked for", `${offered.requests} (${offered.requestsPerSecond} a second)`],
    ["sent", `${result.sent} (${requestsPerSecond.sent} a second)`],
    ["answered", `${result.answered} (${requestsPerSecond.answered} a second)`],
    ["errors", errorRatio === null ? "-" : percent(errorRatio)],
    ["p50", ms(latencyMs?.p50)],
    ["p95", ms(latencyMs?.p95)],
    ["p99", ms(latencyMs?.p99)],
    ["max", ms(latencyMs?.max)],
    ...Object.entries(statuses).map(([status, count]) => [`status ${status}`, `${count}`] as const),
    ["refused", `${result.refused}`],
    ["timeouts", `${result.timeouts}`],
    ["lost", `${result.lost}`],
    ["unfinished", `${result.unfinished}`],
  ];
  const backends = Object.entries(result.backends).sort(([a], [b]) =>
    a.localeCompare(b, "en", { numeric: true }),
  );
  const answered = backends.reduce((sum, [, theirs]) => sum + theirs.answered, 0);
  return [
    ...figures.map(([name, value]) => `${name.padEnd(12)}${value}`),
    ...(backends.length === 0
      ? []
      : [
          "",
          table(
            ["backend", "answers", "share", "5xx"],
            backends.map(([name, theirs]) => [
              name,
              theirs.answered,
              percent(theirs.answered / answered),
              theirs.failed,
            ]),
            width,
          ),
        ]),
  ].join("\n");
}
