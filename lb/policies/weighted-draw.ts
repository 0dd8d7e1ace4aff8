import type { Random } from "../../runtime/random.ts";
import type { Candidate } from "./policy.ts";

export interface WeightedDraw<C> {
  /** One of the candidates, each as likely as its weight; undefined when there is none. */
  draw(): C | undefined;
  /** The candidates or their weights have changed. */
  changed(): void;
}

/** Draws from `candidates` by weight in O(log n), on running sums that are renewed only after a change. */
export function createWeightedDraw<C extends Candidate>(
  candidates: readonly C[],
  random: Random,
): WeightedDraw<C> {
  let sums: number[] | undefined;

  function runningSums(): number[] {
    let sum = 0;
    return candidates.map((candidate) => (sum += candidate.weight));
  }

  return {
    draw() {
      sums ??= runningSums();
      const total = sums.at(-1);
      return total === undefined ? undefined : candidates[firstAbove(sums, random.below(total))];
    },
    changed() {
      sums = undefined;
    },
  };
}

function firstAbove(sums: readonly number[], value: number): number {
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sums[middle] ?? 0) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
