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

/** A family that can be gone through, for whoever brings its metric up to date. */
export interface ListedFamily<Child> extends MetricFamily<Child> {
  readonly children: Iterable<Child>;
}

export function createMetricFamily<Child>(metric: Labelled<Child>): ListedFamily<Child> {
  const children = new Map<string, Child>();
  const labels = new Map<string, readonly string[]>();
  // No label value holds a space: names are checked by the configuration's schema.
  const keyOf = (values: readonly string[]) => values.join(" ");
  function drop(...values: string[]): void {
    const key = keyOf(values);
    labels.delete(key);
    if (children.delete(key)) metric.remove(...values);
  }
  return {
    of(...values) {
      const key = keyOf(values);
      let child = children.get(key);
      if (child === undefined) {
        child = metric.labels(...values);
        children.set(key, child);
        labels.set(key, values);
      }
      return child;
    },
    drop,
    retain(keep) {
      for (const values of labels.values()) if (!keep(values)) drop(...values);
    },
    get children() {
      return children.values();
    },
  };
}
