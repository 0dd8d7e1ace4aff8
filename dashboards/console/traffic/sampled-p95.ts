import type { SampledRequest } from "../../../lab/events/traffic-view.ts";
import { pathOf } from "./journey.ts";

const WINDOW_MS = 10_000;
/** Of fewer requests the slowest twentieth is not known. */
const FEWEST = 20;

/** Response times of the upstreams over the last 10 s, as the sampled requests have them. */
export interface SampledP95 {
  add(samples: readonly SampledRequest[]): void;
  /** 95 of 100 requests that did not fail took no longer; undefined where there were too few. `now` is the lab's. */
  of(pool: string, upstream: string, now: number): number | undefined;
}

interface Took {
  readonly at: number;
  readonly ms: number;
  readonly weight: number;
}

export function createSampledP95(): SampledP95 {
  const byPath = new Map<string, Took[]>();
  return {
    add(samples) {
      for (const sample of samples) {
        if (sample.seenBy === "users" || sample.failed || sample.attempts.length !== 1) continue;
        const { at, weight, totalMs, pool } = sample;
        const path = pathOf(pool, sample.attempts[0]?.upstream ?? "");
        const took = byPath.get(path) ?? [];
        byPath.set(path, [...took.filter((one) => one.at > at - 2 * WINDOW_MS), { at, ms: totalMs, weight }]);
      }
    },
    of(pool, upstream, now) {
      const took = (byPath.get(pathOf(pool, upstream)) ?? []).filter(({ at }) => at > now - WINDOW_MS);
      return took.length < FEWEST ? undefined : weightedQuantile(took, 0.95);
    },
  };
}

/** The least of the values that at least this part of the weight does not exceed. */
export function weightedQuantile(
  values: readonly { readonly ms: number; readonly weight: number }[],
  part: number,
): number | undefined {
  const sorted = values.toSorted((a, b) => a.ms - b.ms);
  let left = part * sorted.reduce((sum, { weight }) => sum + weight, 0);
  for (const { ms, weight } of sorted) if ((left -= weight) <= 1e-9) return ms;
  return sorted.at(-1)?.ms;
}
