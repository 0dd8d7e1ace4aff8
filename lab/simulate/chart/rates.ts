import type { TrafficSeries } from "../series.ts";

/** Points of a line: minute from the change, and a value. */
export type Line = readonly (readonly [number, number])[];

export interface Rates {
  /** Requests a second to each upstream, in the order of their names. */
  readonly upstreams: readonly { readonly name: string; readonly line: Line }[];
  /** Requests a second that failed, by users and load. */
  readonly failed: Line;
  readonly fromMinute: number;
}

/** More points than this are not seen. */
const AT_MOST_POINTS = 360;

/** Counts as rates, over wider buckets where there are many. Ends at `toMs` (epoch). */
export function ratesOf(
  { fromMs, bucketMs, upstreams, sent, failed }: TrafficSeries,
  originMs: number,
  toMs: number,
): Rates {
  const buckets = Math.max(1, Math.floor((toMs - fromMs) / bucketMs));
  const wide = Math.ceil(buckets / AT_MOST_POINTS);
  // Before anybody asked for anything there is nothing to see.
  const first = Math.max(
    0,
    sent.findIndex((count) => count > 0),
  );
  const line = (counts: readonly number[]): Line => {
    const points: [number, number][] = [];
    for (let at = first; at + wide <= buckets; at += wide) {
      let count = 0;
      for (let i = at; i < at + wide; i++) count += counts[i] ?? 0;
      const minute = (fromMs + (at + wide / 2) * bucketMs - originMs) / 60_000;
      points.push([round(minute, 1000), round((count * 1000) / (wide * bucketMs), 10)]);
    }
    return points;
  };
  const names = Object.keys(upstreams).sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  return {
    upstreams: names.map((name) => ({ name, line: line(upstreams[name] ?? []) })),
    failed: line(failed),
    fromMinute: round((fromMs + first * bucketMs - originMs) / 60_000, 1000),
  };
}

const round = (value: number, grain: number): number => Math.round(value * grain) / grain;
