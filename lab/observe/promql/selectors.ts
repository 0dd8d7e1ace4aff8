import type { SampleStore, SeriesReader } from "../samples.ts";
import { createWindow } from "../series.ts";
import {
  shiftedTime,
  type CompiledRange,
  type CompiledVector,
  type Compiler,
  type Sample,
} from "./evaluation.ts";
import type { Expression, VectorSelector } from "./expression.ts";
import { createLabelSet, type LabelSet } from "./label-set.ts";

interface Selected {
  readonly reader: SeriesReader;
  readonly set: LabelSet;
}

/** The series that a selector matches, looked up again only when series were added or removed. */
export function selection(store: SampleStore, { matchers }: VectorSelector): () => readonly Selected[] {
  // Label sets cache their projections: a series keeps its own.
  const sets = new WeakMap<SeriesReader, LabelSet>();
  let version = -1;
  let selected: readonly Selected[] = [];
  return () => {
    if (version === store.version) return selected;
    version = store.version;
    selected = store.select(matchers).map((reader) => {
      const set = sets.get(reader) ?? createLabelSet(reader.labels);
      sets.set(reader, set);
      return { reader, set };
    });
    return selected;
  };
}

export function instantSelector(
  selector: VectorSelector,
  compiler: Compiler,
  valueOf: (sample: { readonly atMs: number; readonly value: number }) => number = ({ value }) => value,
): CompiledVector {
  const { store, lookbackMs } = compiler;
  const series = selection(store, selector);
  const shifted = shiftedTime(selector.shift, compiler);
  return {
    type: "vector",
    at(atMs) {
      const at = shifted(atMs);
      const samples: Sample[] = [];
      const selected = series();
      compiler.run.spend(selected.length);
      for (const { reader, set } of selected) {
        const last = reader.last(at - lookbackMs, at);
        if (last) samples.push({ set, value: valueOf(last) });
      }
      return samples;
    },
  };
}

export function rangeSelector(selector: VectorSelector, rangeMs: number, compiler: Compiler): CompiledRange {
  const series = selection(compiler.store, selector);
  const window = createWindow();
  const endAt = shiftedTime(selector.shift, compiler);
  return {
    type: "matrix",
    rangeMs,
    endAt,
    each(atMs, visit) {
      const at = endAt(atMs);
      const { run } = compiler;
      for (const { reader, set } of series()) {
        reader.read(at - rangeMs, at, window);
        run.spend(window.count + 1);
        if (window.count > 0) visit({ set, window });
      }
    },
  };
}

/** More steps than this are a mistake, as Prometheus says of a range query. */
export const MAX_STEPS = 11_000;

type Subquery = Extract<Expression, { readonly kind: "subquery" }>;

/** Evaluates an expression at every whole multiple of the step in a range, as if it were a series. */
export function subquery(expression: Subquery, compiler: Compiler): CompiledRange {
  const { of, rangeMs, stepMs = compiler.subqueryStepMs, shift } = expression;
  if (stepMs === undefined)
    throw compiler.unsupported(expression, "a subquery needs its step, as in [5m:10s]");
  if (rangeMs / stepMs > MAX_STEPS)
    throw compiler.fault(
      expression,
      `a subquery may have ${MAX_STEPS} steps, not ${Math.ceil(rangeMs / stepMs)}`,
    );
  const inner = compiler.withinSubquery(of);
  const endAt = shiftedTime(shift, compiler);
  return {
    type: "matrix",
    rangeMs,
    endAt,
    each(atMs, visit) {
      const to = endAt(atMs);
      const from = to - rangeMs;
      const found = new Map<string, { set: LabelSet; times: number[]; values: number[] }>();
      let at = Math.ceil(from / stepMs) * stepMs;
      if (at === from && compiler.prometheus === 3) at += stepMs;
      for (; at <= to; at += stepMs) {
        const samples = inner.at(at);
        compiler.run.spend(SUBQUERY_COST * (samples.length + 1));
        for (const { set, value } of samples) {
          let series = found.get(set.key);
          if (!series) found.set(set.key, (series = { set, times: [], values: [] }));
          series.times.push(at);
          series.values.push(value);
        }
      }
      for (const { set, times, values } of found.values())
        visit({
          set,
          window: {
            times: Float64Array.from(times),
            values: Float64Array.from(values),
            count: times.length,
          },
        });
    },
  };
}

/** Cost of a sample that a subquery makes, relative to one that is only read. */
const SUBQUERY_COST = 8;
