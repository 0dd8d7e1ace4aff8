import { DEFAULT_ENGINE } from "../../lb/transport/engines.ts";
import { FLOOR } from "./contenders.ts";
import { nameOfOurs } from "./ours.ts";
import type { Measurement } from "./measure.ts";
import { median, type Score } from "./race.ts";

/** A bar, as it was measured. */
export interface Bar {
  readonly name: string;
  /** Undefined when a contender that it compares, or its payload, was missing. */
  readonly value: number | undefined;
  readonly bar: number;
  readonly aim: number | undefined;
  readonly met: boolean | undefined;
}

const OURS = nameOfOurs(DEFAULT_ENGINE);
const PAYLOAD = "1 KB GET";
/** Requests per processor second, ours over theirs. */
const RATIOS = [
  { against: "bare node:http", bar: 1, aim: 1.2 },
  { against: "http-proxy", bar: 1.25, aim: 1.6 },
  { against: "nginx", bar: 0.35, aim: 0.5 },
] as const;
/** The same where all have the same rate: nginx gains when its load is what bounds it. */
const SAME_RATE_RATIOS = [
  { against: FLOOR, bar: 0.3, aim: 0.5 },
  { against: "nginx", bar: 0.25, aim: 0.4 },
] as const;
const ADDED_P50_MS = 1;

export function barsOf(scores: readonly Score[]): readonly Bar[] {
  const find = (name: string) => scores.find(({ contender }) => contender === name);
  const ours = find(OURS);
  const ratios = RATIOS.map(({ against, bar, aim }): Bar => {
    const theirs = find(against);
    const [before, after] = [theirs?.full.get(PAYLOAD), ours?.full.get(PAYLOAD)];
    const value = before && after && ratioOf(before, after);
    return {
      name: `requests per CPU-second, times ${against}`,
      value,
      bar,
      aim,
      met: value === undefined ? undefined : value >= bar,
    };
  });
  const added = ours && ours.half.length > 0 ? addedP50Ms(ours) : undefined;
  return [
    ...ratios,
    ...SAME_RATE_RATIOS.map(({ against, bar, aim }): Bar => {
      const theirs = find(against);
      const value = theirs && ours && theirs.same.length > 0 ? ratioOf(theirs.same, ours.same) : undefined;
      return {
        name: `the same at one rate for all, times ${against}`,
        value,
        bar,
        aim,
        met: value === undefined ? undefined : value >= bar,
      };
    }),
    {
      name: "added p50 at half load, ms, less than",
      value: added,
      bar: ADDED_P50_MS,
      aim: undefined,
      met: added === undefined ? undefined : added < ADDED_P50_MS,
    },
    {
      name: "answers that were not whole and right",
      value: ours && wrongOf(ours),
      bar: 0,
      aim: undefined,
      met: ours && wrongOf(ours) === 0,
    },
  ];
}

/** Each round by itself, since its two measurements lie next to each other in time. */
function ratioOf(theirs: readonly Measurement[], ours: readonly Measurement[]): number {
  return median(
    ours.map((each, i) => (theirs[i]?.cpuMicrosPerRequest ?? Number.NaN) / each.cpuMicrosPerRequest),
  );
}

export function addedP50Ms({ half }: Pick<Score, "half">): number {
  return median(half.map(({ through, direct }) => through.p50Ms - direct.p50Ms));
}

export function wrongOf({ full, same, half }: Score): number {
  const all = [...Array.from(full.values()).flat(), ...same, ...half.map(({ through }) => through)];
  return all.reduce((sum, { wrong }) => sum + Object.values(wrong).reduce((a, b) => a + b, 0), 0);
}
