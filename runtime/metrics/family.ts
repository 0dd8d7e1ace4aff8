import { createBuckets, type Buckets } from "./buckets.ts";

/** One series of a metric. */
export interface Series {
  /** Equal for equal labels. */
  readonly key: string;
  /** In the order of its metric's label names. */
  readonly labelValues: readonly string[];
}

/** One series of a counter or a gauge. It exists, at 0, from its first request; its owner adds to it. */
export interface NumberSeries extends Series {
  value: number;
}

/** One series of a histogram. It exists from its first observation on. */
export interface HistogramSeries extends Series {
  readonly buckets: Buckets;
}

/** The metric's name, and the rest of its head in an exposition. */
export interface MetricHead {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
}

/** The series of one metric, each created once. */
export interface Family<S extends Series> extends MetricHead {
  /** The series with these label values. A metric without labels has its only one from the start. */
  of(...labelValues: string[]): S;
  /** Removes the series with these label values, if there is one. */
  drop(...labelValues: string[]): void;
  /** Removes the series whose label values `keep` rejects. */
  retain(keep: (labelValues: readonly string[]) => boolean): void;
  /** All series, oldest first. */
  series(): Iterable<S>;
}

export interface NumberFamily extends Family<NumberSeries> {
  readonly type: "counter" | "gauge";
}

export interface HistogramFamily extends Family<HistogramSeries> {
  readonly type: "histogram";
  /** Upper bounds, in rising order, without the last one, which is infinite. */
  readonly bounds: readonly number[];
}

export type MetricFamily = NumberFamily | HistogramFamily;

export function createNumberFamily(type: NumberFamily["type"], head: MetricHead): NumberFamily {
  const family = createFamily<NumberSeries>(head, (key, labelValues) => ({ key, labelValues, value: 0 }));
  return { type, ...family, series: () => family.all.values() };
}

/** `makeBuckets` may return buckets with earlier observations. */
export function createHistogramFamily(
  head: MetricHead & { readonly bounds: readonly number[] },
  makeBuckets: (bounds: readonly number[]) => Buckets = createBuckets,
): HistogramFamily {
  const { bounds, labelNames } = head;
  const family = createFamily<HistogramSeries>(head, (key, labelValues) => ({
    key,
    labelValues,
    buckets: makeBuckets(bounds),
  }));
  function* series(): Iterable<HistogramSeries> {
    for (const one of family.all.values()) if (one.buckets.count > 0 || labelNames.length === 0) yield one;
  }
  return { type: "histogram", bounds, ...family, series };
}

function createFamily<S extends Series>(
  { name, help, labelNames }: MetricHead,
  make: (key: string, labelValues: readonly string[]) => S,
) {
  const all = new Map<string, S>();
  // No label value holds a space: names are checked by the configuration's schema.
  const keyOf = (labelValues: readonly string[]): string => labelValues.join(" ");

  function of(...labelValues: string[]): S {
    const key = keyOf(labelValues);
    let series = all.get(key);
    if (series === undefined) all.set(key, (series = make(key, labelValues)));
    return series;
  }

  if (labelNames.length === 0) of();
  return {
    name,
    help,
    labelNames,
    all,
    of,
    drop: (...labelValues: string[]) => void all.delete(keyOf(labelValues)),
    retain(keep: (labelValues: readonly string[]) => boolean) {
      for (const { key, labelValues } of all.values()) if (!keep(labelValues)) all.delete(key);
    },
  };
}
