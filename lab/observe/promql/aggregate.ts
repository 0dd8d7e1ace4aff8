import { EvaluationError } from "./evaluation-errors.ts";
import type { Sample } from "./evaluation.ts";
import { withLabels, type LabelSet, type Projection } from "./label-set.ts";
import { formatFixed, formatValue } from "./number-text.ts";
import { byValue, meanOf, quantileOf, sumOf, varianceOf } from "./sums.ts";

/** Reduces a group's values to one. `values` holds `count` numbers. */
export type Aggregation = (values: Float64Array, count: number) => number;

const best =
  (isBetter: (value: number, than: number) => boolean): Aggregation =>
  (values, count) => {
    let found = values[0] ?? Number.NaN;
    for (let i = 1; i < count; i++) {
      const value = values[i] ?? Number.NaN;
      if (Number.isNaN(found) || isBetter(value, found)) found = value;
    }
    return found;
  };

/** Aggregations without a parameter. */
export const AGGREGATIONS: Readonly<Record<string, Aggregation>> = {
  sum: sumOf,
  avg: meanOf,
  min: best((value, than) => value < than),
  max: best((value, than) => value > than),
  count: (_values, count) => count,
  group: () => 1,
  stddev: (values, count) => Math.sqrt(varianceOf(values, count)),
  stdvar: varianceOf,
};

export const quantileAggregation =
  (q: number): Aggregation =>
  (values, count) =>
    quantileOf(q, values, count);

interface Group {
  readonly set: LabelSet;
  values: Float64Array;
  count: number;
}

/** Makes one element for each group that the projection makes. */
export type Aggregator = (samples: readonly Sample[], aggregation: Aggregation) => Sample[];

/** Groups are kept from one time to the next: an expression is evaluated every second, over the same series mostly. */
export function createAggregator(by: Projection): Aggregator {
  const groups = new Map<string, Group>();
  return (samples, aggregation) => {
    const found: Group[] = [];
    for (const { set, value } of samples) {
      const projected = set.project(by);
      let group = groups.get(projected.key);
      if (!group)
        groups.set(projected.key, (group = { set: projected, values: new Float64Array(8), count: 0 }));
      if (group.count === 0) found.push(group);
      if (group.count === group.values.length) {
        const wider = new Float64Array(group.count * 2);
        wider.set(group.values);
        group.values = wider;
      }
      group.values[group.count++] = value;
    }
    const results = found.map(({ set, values, count }) => ({ set, value: aggregation(values, count) }));
    for (const group of found) group.count = 0;
    // Most groups are of series that have ended.
    if (groups.size > 2 * found.length + 8) groups.clear();
    return results;
  };
}

/** The k elements of each group with the greatest (or least) values, best first; labels stay as they are. */
export function topmost(
  samples: readonly Sample[],
  by: Projection,
  { k, least }: { readonly k: number; readonly least: boolean },
): Sample[] {
  const wanted = Math.trunc(k);
  if (wanted < 1 || samples.length === 0) return [];
  const groups = new Map<string, Sample[]>();
  for (const sample of samples) {
    const { key } = sample.set.project(by);
    const group = groups.get(key);
    if (group) group.push(sample);
    else groups.set(key, [sample]);
  }
  return [...groups.values()].flatMap((group) =>
    group.sort((a, b) => bestFirst(a.value, b.value, least)).slice(0, wanted),
  );
}

/** NaN is worse than anything, at both ends. */
export function bestFirst(a: number, b: number, least: boolean): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return least ? byValue(a, b) : byValue(b, a);
}

/** Throws for a count that does not fit in Go's integers. */
export function checkCount(k: number): void {
  if (Number.isNaN(k)) throw new EvaluationError("Parameter value is NaN");
  if (k >= 2 ** 63) throw new EvaluationError(`Scalar value ${formatValue(k)} overflows int64`);
}

/** How many elements of each group have the same value, with that value as a label. `by` keeps that label, if any does. */
export function countedValues(samples: readonly Sample[], by: Projection, label: string): Sample[] {
  const counts = new Map<string, { set: LabelSet; count: number }>();
  for (const { set, value } of samples) {
    const group = withLabels(set, { [label]: formatFixed(value) }).project(by);
    const found = counts.get(group.key);
    if (found) found.count += 1;
    else counts.set(group.key, { set: group, count: 1 });
  }
  return [...counts.values()].map(({ set, count }) => ({ set, value: count }));
}
