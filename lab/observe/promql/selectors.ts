import type { SampleStore, SeriesReader } from "../samples.ts";
import { createWindow } from "../series.ts";
import type { CompiledRange, CompiledVector, Compiler, Sample } from "./evaluation.ts";
import type { Expression, VectorSelector } from "./expression.ts";
import { createLabelSet, type LabelSet } from "./label-set.ts";

interface Selected {
  readonly reader: SeriesReader;
  readonly set: LabelSet;
}

/** The series that a selector means, looked up anew only when series have come or gone. */
export function selection(store: SampleStore, { matchers }: VectorSelector): () => readonly Selected[] {
  // Label sets remember what was made of them: a series keeps its own.
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
  { store, lookbackMs }: Compiler,
  valueOf: (sample: { readonly atMs: number; readonly value: number }) => number = ({ value }) => value,
): CompiledVector {
  const series = selection(store, selector);
  return {
    type: "vector",
    at(atMs) {
      const at = atMs - selector.offsetMs;
      const samples: Sample[] = [];
      for (const { reader, set } of series()) {
        const last = reader.last(at - lookbackMs, at);
        if (last) samples.push({ set, value: valueOf(last) });
      }
      return samples;
    },
  };
}

export function rangeSelector(selector: VectorSelector, rangeMs: number, { store }: Compiler): CompiledRange {
  const series = selection(store, selector);
  const window = createWindow();
  return {
    type: "matrix",
    rangeMs,
    offsetMs: selector.offsetMs,
    each(atMs, visit) {
      const at = atMs - selector.offsetMs;
      for (const { reader, set } of series()) {
        reader.read(at - rangeMs, at, window);
        if (window.count > 0) visit({ set, window });
      }
    },
  };
}

/** An expression at every whole multiple of the step in a range, as if it had been a series. */
export function subquery(
  { of, rangeMs, stepMs, offsetMs }: Extract<Expression, { readonly kind: "subquery" }>,
  compiler: Compiler,
): CompiledRange {
  const inner = compiler.vector(of, "a subquery");
  return {
    type: "matrix",
    rangeMs,
    offsetMs,
    each(atMs, visit) {
      const to = atMs - offsetMs;
      const from = to - rangeMs;
      const found = new Map<string, { set: LabelSet; times: number[]; values: number[] }>();
      let at = Math.ceil(from / stepMs) * stepMs;
      if (at === from && compiler.prometheus === 3) at += stepMs;
      for (; at <= to; at += stepMs)
        for (const { set, value } of inner.at(at)) {
          let series = found.get(set.key);
          if (!series) found.set(set.key, (series = { set, times: [], values: [] }));
          series.times.push(at);
          series.values.push(value);
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
