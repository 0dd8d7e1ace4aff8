import {
  distinctSeries,
  type Compiled,
  type CompiledRange,
  type Compiler,
  type Sample,
} from "./evaluation.ts";
import type { Expression } from "./expression.ts";
import { createLabelSet, NAMELESS, type LabelSet } from "./label-set.ts";
import { distinct } from "./evaluation.ts";
import { labelValue } from "../label-value.ts";
import {
  COUNTER_NAME,
  KEEPS_NAME,
  NUMBER_RANGE_FUNCTIONS,
  OF_COUNTERS,
  RANGE_FUNCTIONS,
  type NumberRangeFunction,
  type RangeFunction,
} from "./range-functions.ts";
import { instantSelector } from "./selectors.ts";
import { takes, type Call, type FunctionSpec } from "./function-spec.ts";
import { labelsOfMissing, matchersOf, VECTOR_FUNCTIONS } from "./vector-functions.ts";

/** A function of one range vector. */
const ofRange = (fn: RangeFunction): FunctionSpec =>
  takes(1, 1, (call, compiler) =>
    rangeCall(call, compiler.range(call.arg(0), call.name), { compiler, make: () => fn, of: call.arg(0) }),
  );

/** A function of a number and a range vector. */
const ofNumberAndRange = ({ order, make, warning }: NumberRangeFunction): FunctionSpec =>
  takes(2, 2, (call, compiler) => {
    const [number, range] =
      order === "number first" ? [call.arg(0), call.arg(1)] : [call.arg(1), call.arg(0)];
    const given = compiler.scalar(number, call.name);
    return rangeCall(call, compiler.range(range, call.name), {
      compiler,
      of: range,
      make(at) {
        const value = given.at(at);
        const warned = warning?.(value);
        if (warned !== undefined) compiler.warn(number, warned);
        return make(value);
      },
    });
  });

interface RangeCall {
  readonly make: (atMs: number) => RangeFunction;
  readonly of: Expression;
  readonly compiler: Compiler;
}

function rangeCall({ name }: Call, range: CompiledRange, { make, of, compiler }: RangeCall): Compiled {
  const { prometheus } = compiler;
  const keepsName = KEEPS_NAME.has(name);
  const remark = OF_COUNTERS.has(name) ? createRemark(of, compiler) : undefined;
  const series = distinctSeries(compiler);
  return {
    type: "vector",
    at(at) {
      const samples: Sample[] = [];
      const sources: LabelSet[] = [];
      const fn = make(at);
      const { ofMany } = series;
      const endMs = range.endAt(at);
      const about = { startMs: endMs - range.rangeMs, endMs, atMs: at, prometheus };
      range.each(at, ({ set, window }) => {
        const value = fn(window, about);
        if (value === undefined) return;
        samples.push({ set: keepsName ? set : set.project(NAMELESS), value });
        if (ofMany) sources.push(set);
        remark?.(set);
      });
      return keepsName ? samples : series.check(samples, sources);
    },
  };
}

/** Adds a remark when a counter's function is applied to a metric that is no counter by its name. */
function createRemark(of: Expression, compiler: Compiler): (set: LabelSet) => void {
  // The same series are evaluated again and again.
  const counters = new WeakSet<LabelSet>();
  return (set) => {
    if (counters.has(set)) return;
    const name = labelValue(set.labels, "__name__");
    if (name === "" || COUNTER_NAME.test(name)) counters.add(set);
    else
      compiler.inform(
        of,
        `metric might not be a counter, name does not end in _total/_sum/_count/_bucket: ${JSON.stringify(name)}`,
      );
  };
}

const absentOverTime: FunctionSpec = takes(1, 1, ({ name, arg }, compiler) => {
  const of = compiler.range(arg(0), name);
  const missing: readonly Sample[] = [{ set: createLabelSet(labelsOfMissing(matchersOf(arg(0)))), value: 1 }];
  return {
    type: "vector",
    at(at) {
      let found = false;
      of.each(at, () => (found = true));
      return found ? [] : missing;
    },
  };
});

/** The time of each sample; for anything but a selector, now. */
const timestamps: FunctionSpec = takes(1, 1, ({ name, arg }, compiler) => {
  const of = arg(0);
  const inner =
    of.kind === "selector"
      ? instantSelector(of, compiler, ({ atMs }) => atMs / 1000)
      : compiler.vector(of, name);
  return {
    type: "vector",
    at: (at) =>
      distinct(
        inner.at(at).map(({ set, value }) => ({
          set: set.project(NAMELESS),
          value: of.kind === "selector" ? value : at / 1000,
        })),
      ),
  };
});

const each = <Of>(table: Readonly<Record<string, Of>>, make: (of: Of) => FunctionSpec) =>
  Object.entries(table).map(([name, of]) => [name, make(of)] as const);

/** Every function that is supported, by its name. */
export const FUNCTIONS: ReadonlyMap<string, FunctionSpec> = new Map([
  ...each(RANGE_FUNCTIONS, ofRange),
  ...each(NUMBER_RANGE_FUNCTIONS, ofNumberAndRange),
  ...Object.entries(VECTOR_FUNCTIONS),
  ["absent_over_time", absentOverTime],
  ["timestamp", timestamps],
]);
