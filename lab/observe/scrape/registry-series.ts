import type { Buckets } from "../../../runtime/metrics/buckets.ts";
import type { HistogramFamily, MetricFamily, NumberFamily, Series } from "../../../runtime/metrics/family.ts";
import type { MetricRegistry } from "../../../runtime/metrics/registry.ts";
import type { Labels, SampleStore, SeriesWriter } from "../samples.ts";
import { placed } from "./target-series.ts";
import { withoutEmpty } from "../labels-key.ts";

/** The series of one target whose registry is in this process. */
export interface RegistrySeries {
  /** Samples every series, and ends those that are gone. Returns the number of samples. */
  take(registry: MetricRegistry, atMs: number): number;
  /** The target is gone: all of its series have ended. */
  end(atMs: number): void;
}

type Writer = SeriesWriter | undefined;

interface Known {
  /** One for a counter or a gauge; for a histogram its buckets, `+Inf`, `_sum` and `_count`. */
  readonly writers: readonly Writer[];
  turn: number;
}

/** Series of a registry in this process, sampled synchronously and without its text: the same as a scrape of it. */
export function createRegistrySeries(store: SampleStore, own: Labels): RegistrySeries {
  /** By the metric's name, then by the series' key. */
  const metrics = new Map<string, Map<string, Known>>();
  let turn = 0;

  function take(registry: MetricRegistry, at: number): number {
    const families = registry.read();
    turn += 1;
    let count = 0;
    for (const family of families)
      count +=
        family.type === "histogram"
          ? takeHistogram(family, registry.sharedLabels, at)
          : takeNumbers(family, registry.sharedLabels, at);
    endOthers(metrics, turn, at);
    return count;
  }

  function takeNumbers(family: NumberFamily, shared: Labels, at: number): number {
    const known = knownOf(family);
    let count = 0;
    for (const series of family.series()) {
      writersOf(known, family, series, shared)[0]?.append(at, series.value);
      count += 1;
    }
    return count;
  }

  function takeHistogram(family: HistogramFamily, shared: Labels, at: number): number {
    const known = knownOf(family);
    let count = 0;
    for (const series of family.series()) {
      const writers = writersOf(known, family, series, shared);
      writeBuckets(writers, series.buckets, at);
      count += writers.length;
    }
    return count;
  }

  function knownOf({ name }: MetricFamily): Map<string, Known> {
    let known = metrics.get(name);
    if (!known) metrics.set(name, (known = new Map<string, Known>()));
    return known;
  }

  function writersOf(
    known: Map<string, Known>,
    family: MetricFamily,
    series: Series,
    shared: Labels,
  ): readonly Writer[] {
    let found = known.get(series.key);
    if (!found)
      known.set(series.key, (found = { writers: makeWriters(family, series, { store, own, shared }), turn }));
    found.turn = turn;
    return found.writers;
  }

  return {
    take,
    end(at) {
      turn += 1;
      endOthers(metrics, turn, at);
    },
  };
}

function makeWriters(
  family: MetricFamily,
  { labelValues }: Series,
  { store, own, shared }: { readonly store: SampleStore; readonly own: Labels; readonly shared: Labels },
): Writer[] {
  const { name, labelNames } = family;
  const labels = withoutEmpty({
    ...shared,
    ...Object.fromEntries(labelNames.map((label, i) => [label, labelValues[i] ?? ""])),
  });
  const series = (suffix: string, more: Labels = {}): Writer =>
    store.series(placed({ __name__: `${name}${suffix}`, ...labels, ...more }, own));
  if (family.type !== "histogram") return [series("")];
  const buckets = [...family.bounds.map(String), "+Inf"].map((le) => series("_bucket", { le }));
  return [...buckets, series("_sum"), series("_count")];
}

/** Ends the series that were not seen in this turn. */
function endOthers(metrics: ReadonlyMap<string, Map<string, Known>>, turn: number, at: number): void {
  for (const known of metrics.values())
    for (const [key, { turn: seen, writers }] of known) {
      if (seen === turn) continue;
      for (const writer of writers) writer?.stale(at);
      known.delete(key);
    }
}

function writeBuckets(writers: readonly Writer[], { counts, sum, count }: Buckets, at: number): void {
  const { length } = counts;
  let below = 0;
  for (let i = 0; i < length; i++) {
    below += counts[i] ?? 0;
    writers[i]?.append(at, below);
  }
  writers[length]?.append(at, count);
  writers[length + 1]?.append(at, sum);
  writers[length + 2]?.append(at, count);
}
