/** What a metric of prom-client offers of its children. */
interface Labelled<Child> {
  labels(...values: string[]): Child;
  remove(...values: string[]): void;
}

/** The children of one metric, bound once each, and removable by their labels when a configuration no longer has them. */
export interface MetricFamily<Child> {
  /** The child with these label values, in the metric's own order. */
  of(...values: string[]): Child;
  /** Removes the series with these label values, if there is one. */
  drop(...values: string[]): void;
  /** Removes the series whose label values `keep` does not want. */
  retain(keep: (values: readonly string[]) => boolean): void;
}

export function createMetricFamily<Child>(metric: Labelled<Child>): MetricFamily<Child> {
  const children = new Map<string, { readonly values: readonly string[]; readonly child: Child }>();
  // No label value holds a space: names are checked by the configuration's schema.
  const keyOf = (values: readonly string[]) => values.join(" ");
  function drop(...values: string[]): void {
    if (children.delete(keyOf(values))) metric.remove(...values);
  }
  return {
    of(...values) {
      const key = keyOf(values);
      let entry = children.get(key);
      if (entry === undefined) {
        entry = { values, child: metric.labels(...values) };
        children.set(key, entry);
      }
      return entry.child;
    },
    drop,
    retain(keep) {
      for (const { values } of children.values()) if (!keep(values)) drop(...values);
    },
  };
}
