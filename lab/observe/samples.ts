/** Label names and values of one series; the metric's name is the label `__name__`. */
export type Labels = Readonly<Record<string, string>>;

export interface LabelMatcher {
  readonly label: string;
  readonly op: "=" | "!=" | "=~" | "!~";
  /** Regular expressions are anchored at both ends, as in Prometheus. */
  readonly value: string;
}

/** One series to write to. */
export interface SeriesWriter {
  /** Times (epoch ms) must rise; a sample that is not newer than the last one is dropped and counted. */
  append(atMs: number, value: number): void;
  /** Marks the end of the series, as Prometheus' staleness marker: it is absent until the next sample. */
  stale(atMs: number): void;
}

/** A reused buffer for the samples of a range: only the first `count` are of the last read. */
export interface SampleWindow {
  times: Float64Array;
  values: Float64Array;
  count: number;
}

/**
 * One series to read. Ranges are (fromMs, toMs], open to the left as in Prometheus 3. Its methods name their `this`, so
 * that the compiler refuses one that was taken off its series.
 */
export interface SeriesReader {
  readonly labels: Labels;
  /** The newest sample in the range, unless a staleness marker is newer; undefined when there is none. */
  last(
    this: SeriesReader,
    fromMs: number,
    toMs: number,
  ): { readonly atMs: number; readonly value: number } | undefined;
  /** Puts the range's samples into `window`, oldest first, staleness markers left out. */
  read(this: SeriesReader, fromMs: number, toMs: number, window: SampleWindow): void;
}

export interface StoreStats {
  readonly series: number;
  readonly samples: number;
  /** Counts of what was dropped: new series over the limit, samples out of order. */
  readonly droppedSeries: number;
  readonly droppedSamples: number;
}

/** Recent samples in memory, bounded in time and in the number of series. */
export interface SampleStore {
  /** The series with exactly these labels, created at its first use; undefined (and counted) when the store is full. */
  series(labels: Labels): SeriesWriter | undefined;
  /** Every series that matches all, in no particular order. */
  select(matchers: readonly LabelMatcher[]): readonly SeriesReader[];
  labelNames(): readonly string[];
  labelValues(label: string): readonly string[];
  readonly stats: StoreStats;
  /** Grows whenever a series is added or removed: a selection is valid until then. */
  readonly version: number;
}
