import type { TrafficSeries } from "./series.ts";
import type { Line, NamedLine } from "./run-chart.ts";

/** The lines of a chart, in the order of their names. */
export interface Rates {
  /** Requests a second to each upstream. */
  readonly upstreams: readonly NamedLine[];
  /** Of each route's requests, the share that failed, 0..1; a bucket without requests has no point. */
  readonly routes: readonly NamedLine[];
  readonly fromMinute: number;
}

/** More points than this are not seen. */
const AT_MOST_POINTS = 360;

/** Counts as rates and shares, over wider buckets where there are many. Ends at `toMs` (epoch). */
export function ratesOf(
  { fromMs, bucketMs, upstreams, routes }: TrafficSeries,
  originMs: number,
  toMs: number,
): Rates {
  const buckets = Math.max(1, Math.floor((toMs - fromMs) / bucketMs));
  const wide = Math.ceil(buckets / AT_MOST_POINTS);
  // Before the first request there is nothing to see.
  const firsts = Object.values(routes).map(({ sent }) => sent.findIndex((count) => count > 0));
  const first = Math.max(0, Math.min(buckets, ...firsts.filter((at) => at >= 0)));

  function line(valueAt: (from: number, to: number) => number | undefined): Line {
    const points: [number, number][] = [];
    for (let at = first; at + wide <= buckets; at += wide) {
      const value = valueAt(at, at + wide);
      const minute = (fromMs + (at + wide / 2) * bucketMs - originMs) / 60_000;
      if (value !== undefined) points.push([round(minute, 1000), value]);
    }
    return points;
  }
  const perSecond =
    (counts: readonly number[]) =>
    (from: number, to: number): number =>
      round((sumOf(counts, from, to) * 1000) / ((to - from) * bucketMs), 10);
  const shareOf =
    (part: readonly number[], all: readonly number[]) =>
    (from: number, to: number): number | undefined => {
      const whole = sumOf(all, from, to);
      return whole === 0 ? undefined : round(sumOf(part, from, to) / whole, 1000);
    };
  return {
    upstreams: inOrder(upstreams).map(([name, counts]) => ({ name, line: line(perSecond(counts)) })),
    routes: inOrder(routes).map(([name, { sent, failed }]) => ({ name, line: line(shareOf(failed, sent)) })),
    fromMinute: round((fromMs + first * bucketMs - originMs) / 60_000, 1000),
  };
}

function sumOf(counts: readonly number[], from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += counts[i] ?? 0;
  return sum;
}

const inOrder = <T>(named: Readonly<Record<string, T>>): [string, T][] =>
  Object.entries(named).sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true }));

const round = (value: number, grain: number): number => Math.round(value * grain) / grain;
