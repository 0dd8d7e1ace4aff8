import type { Buckets } from "./buckets.ts";
import {
  createHistogramFamily,
  createNumberFamily,
  type HistogramFamily,
  type MetricFamily,
  type MetricHead,
  type NumberFamily,
} from "./family.ts";

/** The metrics of one process, in the order in which they were declared. Counting costs one addition. */
export interface MetricRegistry {
  /** Labels that every series has. */
  readonly sharedLabels: Readonly<Record<string, string>>;
  counter(name: string, help: string, ...labelNames: string[]): NumberFamily;
  gauge(name: string, help: string, ...labelNames: string[]): NumberFamily;
  histogram(
    head: MetricHead & { readonly bounds: readonly number[] },
    makeBuckets?: (bounds: readonly number[]) => Buckets,
  ): HistogramFamily;
  /** Runs before each read, for metrics that are read from their owners then. */
  onRead(run: () => void): void;
  /** All metrics, brought up to date. */
  read(): readonly MetricFamily[];
}

/** Declaring a name twice is a bug, and throws. */
export function createMetricRegistry(sharedLabels: Readonly<Record<string, string>> = {}): MetricRegistry {
  const families: MetricFamily[] = [];
  const beforeRead: (() => void)[] = [];

  function add<F extends MetricFamily>(family: F): F {
    if (families.some(({ name }) => name === family.name))
      throw new Error(`the metric ${family.name} is declared twice`);
    families.push(family);
    return family;
  }

  return {
    sharedLabels,
    counter: (name, help, ...labelNames) => add(createNumberFamily("counter", { name, help, labelNames })),
    gauge: (name, help, ...labelNames) => add(createNumberFamily("gauge", { name, help, labelNames })),
    histogram: (head, makeBuckets) => add(createHistogramFamily(head, makeBuckets)),
    onRead: (run) => void beforeRead.push(run),
    read() {
      for (const run of beforeRead) run();
      return families;
    },
  };
}
