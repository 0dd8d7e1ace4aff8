/** Observations, counted by bucket. */
export interface Buckets {
  observe(value: number): void;
  /** Not cumulative, one for each bound. */
  readonly counts: Float64Array;
  readonly sum: number;
  readonly count: number;
}

export function createBuckets(bounds: readonly number[]): Buckets {
  const counts = new Float64Array(bounds.length);
  const self = {
    counts,
    sum: 0,
    count: 0,
    observe(value: number) {
      self.sum += value;
      self.count += 1;
      for (let i = 0; i < bounds.length; i++)
        if (value <= (bounds[i] ?? 0)) {
          counts[i] = (counts[i] ?? 0) + 1;
          return;
        }
    },
  };
  return self;
}
