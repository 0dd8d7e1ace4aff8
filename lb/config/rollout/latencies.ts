/** How long requests took, in buckets that are 2 % wide: as many as there are orders of magnitude, however many requests. */
export interface Latencies {
  readonly count: number;
  add(ms: number): void;
  /** Milliseconds; undefined without any. */
  quantile(part: number): number | undefined;
  /** How many took longer, to the width of a bucket. */
  above(ms: number): number;
}

const WIDTH = Math.log(1.02);
/** All below are one bucket. */
const SHORTEST_MS = 0.1;

export function createLatencies(): Latencies {
  const counts: number[] = [];
  let count = 0;
  return {
    get count() {
      return count;
    },
    add(ms) {
      const bucket = bucketOf(ms);
      counts[bucket] = (counts[bucket] ?? 0) + 1;
      count += 1;
    },
    quantile(part) {
      if (count === 0) return undefined;
      let left = Math.ceil(part * count);
      for (let bucket = 0; bucket < counts.length; bucket++) {
        left -= counts[bucket] ?? 0;
        if (left <= 0) return upTo(bucket);
      }
      return upTo(counts.length - 1);
    },
    above(ms) {
      let sum = 0;
      for (let bucket = bucketOf(ms) + 1; bucket < counts.length; bucket++) sum += counts[bucket] ?? 0;
      return sum;
    },
  };
}

const bucketOf = (ms: number): number =>
  ms <= SHORTEST_MS ? 0 : Math.ceil(Math.log(ms / SHORTEST_MS) / WIDTH);

const upTo = (bucket: number): number => SHORTEST_MS * Math.exp(bucket * WIDTH);
