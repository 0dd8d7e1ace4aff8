import { matcherTest } from "./label-matcher.ts";
import { labelsKey } from "./labels-key.ts";
import { labelValue } from "./label-value.ts";
import type { Labels, SampleStore, SeriesReader, SeriesWriter } from "./samples.ts";
import type { Series } from "./series.ts";
import { createSeriesIndex, type SampleStoreConfig, type SeriesIndex } from "./series-index.ts";

const EMPTY: ReadonlySet<Series> = new Set();

/** Samples by series, for a retention time. */
export function createSampleStore(config: SampleStoreConfig): SampleStore {
  const index = createSeriesIndex(config);
  return {
    series: (labels) => createWriter(index, config, labels),
    select(matchers) {
      const name = matchers.find(({ label, op }) => label === "__name__" && op === "=")?.value;
      const candidates: Iterable<Series> =
        name === undefined ? index.all.values() : (index.byName.get(name) ?? EMPTY);
      const tests = matchers.map((matcher) => ({ label: matcher.label, passes: matcherTest(matcher) }));
      const found: SeriesReader[] = [];
      for (const series of candidates)
        if (tests.every(({ label, passes }) => passes(labelValue(series.labels, label)))) found.push(series);
      return found;
    },
    labelNames() {
      const names = new Set<string>();
      for (const { labels } of index.all.values()) for (const name of Object.keys(labels)) names.add(name);
      return [...names].sort();
    },
    labelValues(label) {
      const values = new Set<string>();
      for (const { labels } of index.all.values()) {
        const value = labelValue(labels, label);
        if (value !== "") values.add(value);
      }
      return [...values].sort();
    },
    get stats() {
      const { all, droppedSeries, droppedSamples } = index;
      let samples = 0;
      for (const { count } of all.values()) samples += count;
      return { series: all.size, samples, droppedSeries, droppedSamples };
    },
    get version() {
      return index.version;
    },
  };
}

/** A writer outlives its series: a swept series comes back with the next sample. Undefined when there are too many. */
function createWriter(
  index: SeriesIndex,
  { retentionMs, maxSeries }: SampleStoreConfig,
  labels: Labels,
): SeriesWriter | undefined {
  const { all } = index;
  const key = labelsKey(labels);
  let series = all.get(key) ?? index.add(key, labels);
  if (!series) return undefined;
  const write = (at: number, value: number, stale: boolean): void => {
    if (!series || (series.count === 0 && all.get(key) !== series))
      series = all.get(key) ?? (all.size < maxSeries ? index.add(key, labels) : undefined);
    if (!series?.append(at, value, stale)) {
      index.droppedSamples += 1;
      return;
    }
    series.forget(at - retentionMs);
    index.wrote(at);
  };
  return {
    append: (at, value) => write(at, value, false),
    stale(at) {
      if (series && series.count > 0) write(at, Number.NaN, true);
    },
  };
}
