import type { Labels } from "./samples.ts";
import { createSeries, type Series } from "./series.ts";

export interface SampleStoreConfig {
  readonly retentionMs: number;
  /** Further series are dropped, and counted. */
  readonly maxSeries: number;
  /** `closed`: ranges include their left edge, as in Prometheus 2. */
  readonly rangeStart?: "open" | "closed";
}

/** The series of a store, found by their labels and by their names, and what was dropped. */
export interface SeriesIndex {
  /** By `labelsKey`. */
  readonly all: ReadonlyMap<string, Series>;
  readonly byName: ReadonlyMap<string, ReadonlySet<Series>>;
  /** Changes with each series that comes or goes. */
  readonly version: number;
  readonly droppedSeries: number;
  droppedSamples: number;
  /** Undefined, and counted, when there are too many. */
  add(key: string, labels: Labels): Series | undefined;
  /** A sample was written at this time: sweeps series without a sample in the whole retention time, when that is due. */
  wrote(atMs: number): void;
}

/** Series without samples are swept so many times in the retention time. */
const SWEEPS_PER_RETENTION = 10;

export function createSeriesIndex({
  retentionMs,
  maxSeries,
  rangeStart = "open",
}: SampleStoreConfig): SeriesIndex {
  const all = new Map<string, Series>();
  const byName = new Map<string, Set<Series>>();
  let version = 0;
  let droppedSeries = 0;
  let newest = -Infinity;
  let sweptAt = -Infinity;

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
    all,
    byName,
    get version() {
      return version;
    },
    get droppedSeries() {
      return droppedSeries;
    },
    droppedSamples: 0,
    add(key, labels) {
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
    },
    wrote(at) {
      if (at <= newest) return;
      newest = at;
      if (newest - sweptAt > retentionMs / SWEEPS_PER_RETENTION) sweep();
    },
  };
}
