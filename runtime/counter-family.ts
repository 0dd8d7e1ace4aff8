import { Counter, type CounterConfiguration } from "prom-client";
import { createMetricFamily, type MetricFamily } from "./metric-family.ts";

/** One series of a counter. It is there, at 0, from the moment it is asked for. */
export interface Count {
  /** What has happened since the registry was last read: whoever counts adds to it. */
  untold: number;
}

/**
 * A counter of prom-client that is told when its registry is read, and not at each event: that costs a microsecond with
 * the labels' check and hash, where to add to a field costs nothing.
 */
export function createCounterFamily(
  config: Omit<CounterConfiguration<string>, "collect">,
): MetricFamily<Count> {
  const counter = new Counter<string>({ ...config, collect: tell });
  const family = createMetricFamily({
    labels: (...values) => ({ untold: 0, told: false, child: counter.labels(...values) }),
    remove: (...values) => counter.remove(...values),
  });

  function tell(): void {
    for (const count of family.children) {
      if (count.told && count.untold === 0) continue;
      count.child.inc(count.untold);
      count.untold = 0;
      count.told = true;
    }
  }
  return family;
}
