import { matcherTest } from "./label-matcher.ts";
import { labelsKey } from "./labels-key.ts";
import { labelValue } from "./label-value.ts";
import type { Labels, SampleStore, SeriesReader, SeriesWriter } from "./samples.ts";
import { createSeries, type Series } from "./series.ts";

export interface SampleStoreConfig {
  readonly retentionMs: number;
  /** Further series are dropped, and counted. */
  readonly maxSeries: number;
  /** `closed`: ranges include their left edge, as in Prometheus 2. */
  readonly rangeStart?: "open" | "closed";
}

/** Series without samples are swept so many times in the retention time. */
const SWEEPS_PER_RETENTION = 10;
const EMPTY: ReadonlySet<Series> = new Set();

export function createSampleStore(config: SampleStoreConfig): SampleStore {
  const { retentionMs, maxSeries, rangeStart = "open" } = config;
  const all = new Map<string, Series>();
  const byName = new Map<string, Set<Series>>();
  let version = 0;
  let droppedSeries = 0;
  let droppedSamples = 0;
  let newest = -Infinity;
  let sweptAt = -Infinity;

  function add(key: string, labels: Labels): Series | undefined {
    if (all.size >= maxSeries) {
      droppedSeries += 1;
      return undefined;
    }
    const series = createSeries(labels, rangeStart === "open");
    all.set(key, series);
    const name = labels["__name__"] ?? "";
    const namesakes = byName.get(name);
    if (namesakes) namesakes.add(series);
    else byName.set(name, new Set([series]));
    version += 1;
    return series;
  }

  /** Removes series without a sample in the whole retention time. */
  function sweep(): void {
    sweptAt = newest;
    for (const [key, series] of all) {
      series.forget(newest - retentionMs);
      if (series.count > 0) continue;
      all.delete(key);
      byName.get(series.labels["__name__"] ?? "")?.delete(series);
      version += 1;
    }
  }

  return {
    series(labels) {
      const key = labelsKey(labels);
      let series = all.get(key) ?? add(key, labels);
      if (!series) return undefined;
      const write = (at: number, value: number, stale: boolean): void => {
        // A writer outlives its series: a swept series comes back with the next sample.
        if (!series || (series.count === 0 && all.get(key) !== series))
          series = all.get(key) ?? (all.size < maxSeries ? add(key, labels) : undefined);
        if (!series?.append(at, value, stale)) {
          droppedSamples += 1;
          return;
        }
        series.forget(at - retentionMs);
        if (at <= newest) return;
        newest = at;
        if (newest - sweptAt > retentionMs / SWEEPS_PER_RETENTION) sweep();
      };
      const writer: SeriesWriter = {
        append: (at, value) => write(at, value, false),
        stale(at) {
          if (series && series.count > 0) write(at, Number.NaN, true);
        },
      };
      return writer;
    },
    select(matchers) {
      const name = matchers.find(({ label, op }) => label === "__name__" && op === "=")?.value;
      const candidates: Iterable<Series> = name === undefined ? all.values() : (byName.get(name) ?? EMPTY);
      const tests = matchers.map((matcher) => ({ label: matcher.label, passes: matcherTest(matcher) }));
      const found: SeriesReader[] = [];
      for (const series of candidates)
        if (tests.every(({ label, passes }) => passes(labelValue(series.labels, label)))) found.push(series);
      return found;
    },
    labelNames() {
      const names = new Set<string>();
      for (const { labels } of all.values()) for (const name of Object.keys(labels)) names.add(name);
      return [...names].sort();
    },
    labelValues(label) {
      const values = new Set<string>();
      for (const { labels } of all.values()) {
        const value = labelValue(labels, label);
        if (value !== "") values.add(value);
      }
      return [...values].sort();
    },
    get stats() {
      let samples = 0;
      for (const { count } of all.values()) samples += count;
      return { series: all.size, samples, droppedSeries, droppedSamples };
    },
    get version() {
      return version;
    },
  };
}
