import type { Random } from "../../runtime/random.ts";

/** Takes items one by one and keeps a few of every stratum, each with the same probability within its stratum. */
export interface StratifiedSample<T> {
  /** `keys` name its stratum, from the finest division to the coarsest; all items have as many. */
  add(keys: readonly string[], item: T): void;
  /**
   * At most `size` items, at least one of every stratum of the finest division that has no more strata than that; a larger
   * stratum gets more. The weights of a stratum's items add up to its count.
   */
  take(): readonly Weighted<T>[];
}

export interface Weighted<T> {
  readonly item: T;
  /** How many items it stands for, itself among them. */
  readonly weight: number;
}

interface Stratum<T> {
  readonly keys: readonly string[];
  count: number;
  /** A uniform sample of the stratum's items. */
  readonly kept: T[];
}

/** A sample of at most `size` items. Memory grows with the number of strata only. */
export function createStratifiedSample<T>(size: number, random: Random): StratifiedSample<T> {
  let strata = new Map<string, Stratum<T>>();
  return {
    add(keys, item) {
      const key = keys[0] ?? "";
      let stratum = strata.get(key);
      if (!stratum) strata.set(key, (stratum = { keys, count: 0, kept: [] }));
      stratum.count += 1;
      if (stratum.kept.length < size) stratum.kept.push(item);
      else {
        // Algorithm R: each item is kept with the same probability, however many come.
        const place = random.below(stratum.count);
        if (place < size) stratum.kept[place] = item;
      }
    },
    take() {
      const all = [...strata.values()];
      strata = new Map();
      const groups = grouped(all, size);
      const quotas = quotasOf(
        groups.map((group) => countOf(group)),
        size,
      );
      return groups.flatMap((group, i) => weighted(drawn(group, quotas[i] ?? 0, random), countOf(group)));
    },
  };
}

const countOf = (group: readonly { readonly count: number }[]): number =>
  group.reduce((sum, { count }) => sum + count, 0);

/** By the finest division that has at most `size` groups; by the coarsest where none has. */
function grouped<T>(strata: readonly Stratum<T>[], size: number): readonly Stratum<T>[][] {
  const divisions = strata[0]?.keys.length ?? 0;
  for (let division = 0; division < divisions; division++) {
    const groups = new Map<string, Stratum<T>[]>();
    for (const stratum of strata) {
      const key = stratum.keys[division] ?? "";
      const group = groups.get(key);
      if (group) group.push(stratum);
      else groups.set(key, [stratum]);
    }
    if (groups.size <= size || division === divisions - 1) return [...groups.values()].slice(0, size);
  }
  return [];
}

/** One for each, and what is left of `size` in proportion to the counts (Webster's method), no more than there are. */
function quotasOf(counts: readonly number[], size: number): readonly number[] {
  const quotas = counts.map(() => 1);
  for (let left = size - counts.length; left > 0; left--) {
    let best = -1;
    let highest = 0;
    counts.forEach((count, i) => {
      const quota = quotas[i] ?? 0;
      const claim = count / (quota + 0.5);
      if (quota < count && claim > highest) [best, highest] = [i, claim];
    });
    if (best < 0) break;
    quotas[best] = (quotas[best] ?? 0) + 1;
  }
  return quotas;
}

/** Draws without replacement, each item of the group with the same probability. */
function drawn<T>(group: readonly Stratum<T>[], quota: number, random: Random): T[] {
  const left = group.map(({ count, kept }) => ({ count, kept: [...kept] }));
  const items: T[] = [];
  while (items.length < quota) {
    let place = random.below(countOf(left));
    const from = left.find(({ count }) => (place -= count) < 0);
    if (!from) break;
    from.count -= 1;
    items.push(...from.kept.splice(random.below(from.kept.length), 1));
  }
  return items;
}

/** Whole numbers that differ by one at most. */
function weighted<T>(items: readonly T[], count: number): Weighted<T>[] {
  const each = Math.floor(count / items.length);
  const more = count - each * items.length;
  return items.map((item, i) => ({ item, weight: each + (i < more ? 1 : 0) }));
}
