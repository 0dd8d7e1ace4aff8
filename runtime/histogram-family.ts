import { Histogram, type HistogramConfiguration } from "prom-client";
import { createMetricFamily, type MetricFamily } from "./metric-family.ts";

/** One series of a histogram. It is there from its first observation on. */
export interface Distribution {
  observe(value: number): void;
}

/** What prom-client 15 keeps of the series with these labels. */
interface Record {
  readonly labels: object;
  /** Not cumulative. */
  readonly bucketValues: { [bound: number]: number };
  sum: number;
  count: number;
}

/** Observations by bucket, kept by whoever may have nobody to tell them to. */
export interface Buckets extends Distribution {
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

interface Told {
  readonly labels: readonly string[];
  readonly buckets: Buckets;
  record: Record | undefined;
}

type Config = Omit<HistogramConfiguration<string>, "collect"> & { readonly buckets: readonly number[] };

/**
 * A histogram of prom-client that is told when its registry is read, and not at each observation: that costs a
 * microsecond with the labels' check and hash, where to count in an array costs next to nothing. `makeBuckets` may bring
 * those that have been filled already.
 */
export function createHistogramFamily(
  config: Config,
  makeBuckets: (bounds: readonly number[]) => Buckets = createBuckets,
): MetricFamily<Distribution> {
  const { labelNames = [] } = config;
  const bounds = [...config.buckets];
  const histogram = new Histogram<string>({ ...config, buckets: [...bounds], collect: tell });
  const family = createMetricFamily<Told>({
    labels: (...labels) => ({ labels, buckets: makeBuckets(bounds), record: undefined }),
    remove: (...values) => histogram.remove(...values),
  });

  function tell(): void {
    for (const told of family.children) {
      const { count, sum, counts } = told.buckets;
      if (count === (told.record?.count ?? 0)) continue;
      const record = (told.record ??= recordOf(told.labels));
      record.sum = sum;
      record.count = count;
      for (const [i, bound] of bounds.entries()) record.bucketValues[bound] = counts[i] ?? 0;
    }
  }

  /** There is no other way to more than one observation at a time; what prom-client keeps is held to by a test. */
  function recordOf(values: readonly string[]): Record {
    const labels = Object.fromEntries(labelNames.map((name, i) => [name, values[i] ?? ""]));
    histogram.zero(labels);
    const { hashMap } = histogram as unknown as { readonly hashMap: Readonly<{ [hash: string]: Record }> };
    const found = Object.values(hashMap).find((record) => record.labels === labels);
    if (!found) throw new Error(`prom-client keeps no series of ${config.name} as it used to`);
    return found;
  }

  return {
    of: (...values) => family.of(...values).buckets,
    drop: (...values) => family.drop(...values),
    retain: (keep) => family.retain(keep),
  };
}
