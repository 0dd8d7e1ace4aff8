import type { SampledRequest } from "../../../lab/events/traffic-view.ts";

/** A part of a dot's way: along a path of the picture, there or back. */
export interface Leg {
  readonly path: string;
  readonly back: boolean;
  /** A failure is drawn as a diamond. */
  readonly failed: boolean;
  readonly ms: number;
}

export const USERS_PATH = "users";
export const pathOf = (pool: string, upstream: string): string => `${pool}/${upstream}`;
/** To a pool that gave it to no upstream. */
export const poolPath = (pool: string): string => `${pool}/`;

const SHORTEST_MS = 260;
const LONGEST_MS = 1200;

/** How long a dot is on its way: the time that the request took, on a log scale, so that a slow one is seen to be slow. */
export const travelMs = (durationMs: number): number =>
  Math.min(LONGEST_MS, SHORTEST_MS + 300 * Math.log10(1 + Math.max(0, durationMs) / 10));

/** By what a sample is drawn: its way is that of its last attempt. Undefined: it has no place in the picture. */
export function wayOf(sample: SampledRequest): string | undefined {
  if (sample.seenBy === "users") return sample.route === "api" ? undefined : USERS_PATH;
  const last = sample.attempts.at(-1);
  return last ? pathOf(sample.pool, last.upstream) : poolPath(sample.pool);
}

/** There, and back where it failed, for every attempt. */
export function journeyOf(sample: SampledRequest): readonly Leg[] {
  if (sample.seenBy === "users") return thereAndBack(USERS_PATH, sample.failed, travelMs(sample.durationMs));
  const { pool, attempts, failed, totalMs } = sample;
  if (attempts.length === 0) return thereAndBack(poolPath(pool), failed, travelMs(totalMs));
  return attempts.flatMap(({ upstream }, i) => {
    const isLast = i === attempts.length - 1;
    const isFailed = isLast ? failed : true;
    return thereAndBack(pathOf(pool, upstream), isFailed, travelMs(isLast ? totalMs : 0));
  });
}

const thereAndBack = (path: string, failed: boolean, ms: number): Leg[] => [
  { path, back: false, failed: false, ms },
  ...(failed ? [{ path, back: true, failed: true, ms: SHORTEST_MS * 2 }] : []),
];
