import { Gauge, type GaugeConfiguration } from "prom-client";
import { createMetricFamily, type MetricFamily } from "./metric-family.ts";

/** One series of a gauge. It is there from the moment it is asked for. */
export interface Level {
  value: number;
}

/** A gauge of prom-client that is told when its registry is read, and only of what has changed since. */
export function createGaugeFamily(config: Omit<GaugeConfiguration<string>, "collect">): MetricFamily<Level> {
  const gauge = new Gauge<string>({ ...config, collect: tell });
  const family = createMetricFamily({
    labels: (...values) => ({ value: 0, told: Number.NaN, child: gauge.labels(...values) }),
    remove: (...values) => gauge.remove(...values),
  });

  function tell(): void {
    for (const level of family.children) {
      if (level.value === level.told) continue;
      level.child.set(level.value);
      level.told = level.value;
    }
  }
  return family;
}
