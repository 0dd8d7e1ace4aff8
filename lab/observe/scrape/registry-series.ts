import type { Registry } from "prom-client";
import type { Labels, SampleStore, SeriesWriter } from "../samples.ts";
import { placed } from "./target-series.ts";

/** The series of one target whose registry is in this process. */
export interface RegistrySeries {
  /** Samples everything, and ends what is not there any more. Returns the number of samples. */
  take(registry: Registry, atMs: number): number;
  /** The target is gone: all of its series have ended. */
  end(atMs: number): void;
}

/** The children of a counter or a gauge, and of a histogram, as prom-client 15 keeps them: by a hash of their labels. */
interface Child {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value?: number;
  readonly sum?: number;
  readonly count?: number;
  /** Not cumulative. */
  readonly bucketValues?: Readonly<Record<string, number>>;
}

interface Metric {
  readonly name: string;
  readonly type: string;
  readonly hashMap: Readonly<Record<string, Child>>;
  readonly upperBounds?: readonly number[];
  readonly collect?: () => unknown;
}

type Writer = SeriesWriter | undefined;

interface Known {
  /** One of a counter or a gauge; of a histogram its buckets, `+Inf`, `_sum` and `_count`. */
  readonly writers: readonly Writer[];
  turn: number;
}

/**
 * Series of a registry in this process, sampled without its text and without waiting: what a scrape of it would give.
 * Throws for a metric that is no counter, gauge or histogram, or that is collected by a promise.
 */
export function createRegistrySeries(store: SampleStore, own: Labels): RegistrySeries {
  const families = new Map<string, Map<string, Known>>();
  let turn = 0;

  function takeMetric(metric: Metric, shared: Labels, at: number): number {
    const bounds = metric.type === "histogram" ? metric.upperBounds : undefined;
    let family = families.get(metric.name);
    if (!family) families.set(metric.name, (family = new Map<string, Known>()));
    let count = 0;
    for (const hash of Object.keys(metric.hashMap)) {
      const child = metric.hashMap[hash];
      if (!child) continue;
      let known = family.get(hash);
      if (!known) family.set(hash, (known = { writers: writersOf(metric, child, shared), turn }));
      known.turn = turn;
      if (bounds) writeHistogram(known.writers, child, bounds, at);
      else known.writers[0]?.append(at, child.value ?? Number.NaN);
      count += known.writers.length;
    }
    return count;
  }

  function writersOf({ name, upperBounds = [], type }: Metric, child: Child, shared: Labels): Writer[] {
    const labels = textLabels({ ...shared, ...child.labels });
    const series = (suffix: string, more: Labels = {}): Writer =>
      store.series(placed({ __name__: `${name}${suffix}`, ...labels, ...more }, own));
    if (type !== "histogram") return [series("")];
    const buckets = [...upperBounds.map(String), "+Inf"].map((le) => series("_bucket", { le }));
    return [...buckets, series("_sum"), series("_count")];
  }

  function endOthers(at: number): void {
    for (const family of families.values())
      for (const [hash, { turn: seen, writers }] of family) {
        if (seen === turn) continue;
        for (const writer of writers) writer?.stale(at);
        family.delete(hash);
      }
  }

  return {
    take(registry, at) {
      const metrics = collected(registry);
      const shared = defaultLabels(registry);
      turn += 1;
      let count = 0;
      for (const metric of metrics) count += takeMetric(metric, shared, at);
      endOthers(at);
      return count;
    },
    end(at) {
      turn += 1;
      endOthers(at);
    },
  };
}

function writeHistogram(
  writers: readonly Writer[],
  { bucketValues = {}, sum = 0, count = 0 }: Child,
  bounds: readonly number[],
  at: number,
): void {
  let below = 0;
  bounds.forEach((bound, i) => {
    below += bucketValues[bound] ?? 0;
    writers[i]?.append(at, below);
  });
  const { length } = bounds;
  writers[length]?.append(at, count);
  writers[length + 1]?.append(at, sum);
  writers[length + 2]?.append(at, count);
}

/** Every metric, brought up to date. */
function collected(registry: Registry): readonly Metric[] {
  const metrics = registry.getMetricsAsArray() as unknown as readonly Metric[];
  for (const metric of metrics) {
    if (!["counter", "gauge", "histogram"].includes(metric.type) || typeof metric.hashMap !== "object")
      throw new Error(`${metric.name} cannot be sampled: it is a ${metric.type}`);
    if (metric.collect?.() instanceof Promise)
      throw new Error(`${metric.name} cannot be sampled: it is collected by a promise`);
  }
  return metrics;
}

/** prom-client keeps them where nobody is to look. */
function defaultLabels(registry: Registry): Labels {
  const { ["_defaultLabels"]: labels = {} } = registry as { readonly ["_defaultLabels"]?: Labels };
  return labels;
}

/** As text, and without those that are empty: a label that is empty is a label that is not there. */
const textLabels = (labels: Readonly<Record<string, string | number>>): Labels =>
  Object.fromEntries(
    Object.entries(labels)
      .map(([name, value]) => [name, String(value)] as const)
      .filter(([, value]) => value !== ""),
  );
