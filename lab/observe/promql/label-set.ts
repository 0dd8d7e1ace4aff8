import { labelsKey } from "../labels-key.ts";
import type { Labels } from "../samples.ts";

/** Derives a label set from another: aggregation and matching group by it. */
export interface Projection {
  /** Equal for equal projections: the key of label sets' caches. */
  readonly id: string;
  keeps(label: string): boolean;
}

export const keeping = (labels: readonly string[]): Projection => {
  const kept = new Set(labels);
  return { id: `on ${JSON.stringify([...kept].sort())}`, keeps: (label) => kept.has(label) };
};

/** Without these labels, and without the metric's name. */
export const dropping = (labels: readonly string[]): Projection => {
  const dropped = new Set([...labels, "__name__"]);
  return { id: `without ${JSON.stringify([...dropped].sort())}`, keeps: (label) => !dropped.has(label) };
};

/** Without these labels, the metric's name kept. */
export const droppingOnly = (labels: readonly string[]): Projection => {
  const dropped = new Set(labels);
  return { id: `less ${JSON.stringify([...dropped].sort())}`, keeps: (label) => !dropped.has(label) };
};

/** Drops the metric's name and, as Prometheus 3, its type and unit. */
export const NAMELESS = dropping(["__type__", "__unit__"]);

/** Labels with a cached key and cached projections: series are evaluated every second. */
export interface LabelSet {
  readonly labels: Labels;
  /** Equal for equal labels only. */
  readonly key: string;
  project(projection: Projection): LabelSet;
}

export function createLabelSet(labels: Labels): LabelSet {
  let key: string | undefined;
  let made: Map<string, LabelSet> | undefined;
  // Mostly the same projection is requested again.
  let last: { readonly by: Projection; readonly set: LabelSet } | undefined;
  return {
    labels,
    get key() {
      return (key ??= labelsKey(labels));
    },
    project(projection) {
      if (last?.by === projection) return last.set;
      made ??= new Map();
      let found = made.get(projection.id);
      if (!found) {
        found = createLabelSet(
          Object.fromEntries(Object.entries(labels).filter(([label]) => projection.keeps(label))),
        );
        made.set(projection.id, found);
      }
      last = { by: projection, set: found };
      return found;
    },
  };
}

export const NO_LABELS = createLabelSet({});

/** A copy with these labels set; an empty value removes. */
export function withLabels(set: LabelSet, changes: Labels): LabelSet {
  const merged = { ...set.labels, ...changes };
  return createLabelSet(Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== "")));
}
