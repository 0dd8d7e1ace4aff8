import { bestFirst } from "./aggregate.ts";
import { calendarDate, dayOfYear, daysInMonth, type CalendarDate } from "./dates.ts";
import { distinct, type Compiled, type Compiler, type Sample } from "./evaluation.ts";
import { EvaluationError } from "./evaluation-errors.ts";
import type { Expression } from "./expression.ts";
import { histogramQuantiles, type Mended } from "./histogram.ts";
import { createLabelSet, NAMELESS, NO_LABELS, withLabels, type LabelSet } from "./label-set.ts";
import { formatGeneral } from "./number-text.ts";
import { quantileWarning } from "./quantile-warning.ts";
import { regularExpression, type RegularExpression } from "../regular-expression.ts";
import { labelValue } from "../label-value.ts";
import type { LabelMatcher } from "../samples.ts";
import { messageOf } from "../../../runtime/errors.ts";

/** Compiles a function call; the number of `args` was checked. */
type CallCompiler = (call: Call, compiler: Compiler) => Compiled;

export interface Call {
  readonly name: string;
  readonly args: readonly Expression[];
  /** The n-th argument, which exists. */
  arg(n: number): Expression;
  /** The call itself, for the place of errors. */
  readonly place: Expression;
}

export interface FunctionSpec {
  /** The least and the greatest number of arguments. */
  readonly least: number;
  readonly most: number;
  readonly compile: CallCompiler;
}

export const takes = (least: number, most: number, compile: CallCompiler): FunctionSpec => ({
  least,
  most,
  compile,
});

/** A function of each value alone. */
const eachValue = (change: (value: number) => number): FunctionSpec =>
  takes(1, 1, ({ name, arg }, compiler) => {
    const of = compiler.vector(arg(0), name);
    return {
      type: "vector",
      at: (at) =>
        distinct(of.at(at).map(({ set, value }) => ({ set: set.project(NAMELESS), value: change(value) }))),
    };
  });

/** A function of each value and of numbers that are evaluated once a moment. */
const withNumbers = (
  [least, most]: readonly [number, number],
  make: (numbers: readonly number[]) => ((value: number) => number) | undefined,
): FunctionSpec =>
  takes(least + 1, most + 1, ({ name, args, arg }, compiler) => {
    const of = compiler.vector(arg(0), name);
    const numbers = args.slice(1).map((one) => compiler.scalar(one, name));
    return {
      type: "vector",
      at(at) {
        // Evaluated also where its value is not used: its errors count.
        const samples = of.at(at);
        const change = make(numbers.map((number) => number.at(at)));
        if (!change) return [];
        return distinct(
          samples.map(({ set, value }) => ({ set: set.project(NAMELESS), value: change(value) })),
        );
      },
    };
  });

const sorted = (least: boolean): FunctionSpec =>
  takes(1, 1, ({ name, arg, place }, compiler) => {
    const of = compiler.vector(arg(0), name);
    return {
      type: "vector",
      at(at) {
        if (compiler.run.fromMs !== compiler.run.toMs)
          compiler.warn(
            place,
            "sort is ineffective for range queries since results are always ordered by labels",
          );
        return [...of.at(at)].sort((a, b) => bestFirst(a.value, b.value, least));
      },
    };
  });

/** As in Go, where infinity wins over NaN. */
const greater = (a: number, b: number): number =>
  a === Infinity || b === Infinity ? Infinity : Math.max(a, b);
const lesser = (a: number, b: number): number =>
  a === -Infinity || b === -Infinity ? -Infinity : Math.min(a, b);

/** A part of the UTC date of each value, in seconds since the epoch; of now without an argument. */
const dateOf = (part: (date: CalendarDate) => number): FunctionSpec =>
  takes(0, 1, ({ name, args, arg }, compiler) => {
    const of = args.length === 0 ? undefined : compiler.vector(arg(0), name);
    const read = (seconds: number): number => part(calendarDate(seconds));
    return {
      type: "vector",
      at: (at) =>
        of
          ? distinct(of.at(at).map(({ set, value }) => ({ set: set.project(NAMELESS), value: read(value) })))
          : [{ set: NO_LABELS, value: read(at / 1000) }],
    };
  });

/** The labels of an absent series: those that its selector matches by exact value. */
export function labelsOfMissing(matchers: readonly LabelMatcher[]): Readonly<Record<string, string>> {
  const labels = new Map<string, string>();
  const given = new Set<string>();
  for (const { label, op, value } of matchers) {
    if (label === "__name__") continue;
    // As Prometheus: a further matcher of the same label removes it.
    if (op === "=" && !given.has(label)) {
      given.add(label);
      labels.set(label, value);
    } else labels.delete(label);
  }
  return Object.fromEntries([...labels].filter(([, value]) => value !== ""));
}

export const matchersOf = (of: Expression): readonly LabelMatcher[] =>
  of.kind === "selector" ? of.matchers : of.kind === "range" ? of.selector.matchers : [];

const round = (to: number) => {
  // As Prometheus: by the inverse, so that 0.1 rounds to tenths.
  const inverse = 1 / to;
  return (value: number): number => Math.floor(value * inverse + 0.5) / inverse;
};

/** Go's $1 and ${name} in a replacement. */
const expanded = (replacement: string, group: (name: string) => string): string =>
  replacement.replaceAll(
    /\$(?:\$|([\p{L}\p{Nd}_]+)|\{([\p{L}\p{Nd}_]+)\})/gu,
    (whole, bare?: string, braced?: string) => (whole === "$$" ? "$" : group(bare ?? braced ?? "")),
  );

/** Labels that are made from labels again and again grow without bound. */
const MAX_LABEL_LENGTH = 65_536;

/** Sets a label to a value derived from a set's labels; undefined: the set is unchanged. Results are cached. */
function createRelabelling(
  target: string,
  valueOf: (labels: LabelSet["labels"]) => string | undefined,
): (set: LabelSet) => LabelSet {
  const made = new WeakMap<LabelSet, LabelSet>();
  return (set) => {
    const known = made.get(set);
    if (known) return known;
    const value = valueOf(set.labels);
    if (value !== undefined && value.length > MAX_LABEL_LENGTH)
      throw new EvaluationError(
        `a label may have ${MAX_LABEL_LENGTH} characters, not ${value.length}: ${target}`,
      );
    const relabelled = value === undefined ? set : withLabels(set, { [target]: value });
    made.set(set, relabelled);
    return relabelled;
  };
}

/** The label name at this place: in Prometheus 3 any text but an empty one. */
export function labelName(at: Expression, name: string, compiler: Compiler): string {
  const label = compiler.string(at, name);
  if (label === "" || (compiler.prometheus === 2 && !/^[A-Za-z_]\w*$/.test(label)))
    throw compiler.fault(at, `not a label's name: ${JSON.stringify(label)}`);
  return label;
}

const forcedMonotonic = ({ from, to, most }: Mended, atMs: number): string => {
  const when = new Date(Math.trunc(atMs / 1000) * 1000).toISOString().replace(".000Z", "Z");
  const difference = formatGeneral(Number(most.toPrecision(2)));
  return (
    "input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile), " +
    `from buckets ${formatGeneral(from)} to ${formatGeneral(to)}, with a max diff of ${difference}, over 1 samples from ${when} to ${when}`
  );
};

/** Functions of instant vectors and numbers, by their names. */
export const VECTOR_FUNCTIONS: Readonly<Record<string, FunctionSpec>> = {
  abs: eachValue(Math.abs),
  ceil: eachValue(Math.ceil),
  floor: eachValue(Math.floor),
  sqrt: eachValue(Math.sqrt),
  exp: eachValue(Math.exp),
  ln: eachValue(Math.log),
  log2: eachValue(Math.log2),
  log10: eachValue(Math.log10),
  sgn: eachValue(Math.sign),
  sin: eachValue(Math.sin),
  cos: eachValue(Math.cos),
  tan: eachValue(Math.tan),
  asin: eachValue(Math.asin),
  acos: eachValue(Math.acos),
  atan: eachValue(Math.atan),
  sinh: eachValue(Math.sinh),
  cosh: eachValue(Math.cosh),
  tanh: eachValue(Math.tanh),
  asinh: eachValue(Math.asinh),
  acosh: eachValue(Math.acosh),
  atanh: eachValue(Math.atanh),
  deg: eachValue((value) => (value * 180) / Math.PI),
  rad: eachValue((value) => (value * Math.PI) / 180),
  round: withNumbers([0, 1], ([to = 1]) => round(to)),
  clamp: withNumbers([2, 2], ([low = 0, high = 0]) =>
    high < low ? undefined : (value) => greater(low, lesser(high, value)),
  ),
  clamp_min: withNumbers(
    [1, 1],
    ([low = 0]) =>
      (value) =>
        greater(low, value),
  ),
  clamp_max: withNumbers(
    [1, 1],
    ([high = 0]) =>
      (value) =>
        lesser(high, value),
  ),
  sort: sorted(true),
  sort_desc: sorted(false),
  minute: dateOf(({ date }) => date.getUTCMinutes()),
  hour: dateOf(({ date }) => date.getUTCHours()),
  day_of_week: dateOf(({ date }) => date.getUTCDay()),
  day_of_month: dateOf(({ date }) => date.getUTCDate()),
  day_of_year: dateOf(({ date }) => dayOfYear(date)),
  days_in_month: dateOf(({ date }) => daysInMonth(date)),
  month: dateOf(({ date }) => date.getUTCMonth() + 1),
  year: dateOf(({ year }) => year),
  time: takes(0, 0, () => ({ type: "scalar", at: (at) => at / 1000 })),
  pi: takes(0, 0, () => ({ type: "scalar", at: () => Math.PI })),
  vector: takes(1, 1, ({ name, arg }, compiler) => {
    const number = compiler.scalar(arg(0), name);
    return { type: "vector", at: (at) => [{ set: NO_LABELS, value: number.at(at) }] };
  }),
  scalar: takes(1, 1, ({ name, arg }, compiler) => {
    const of = compiler.vector(arg(0), name);
    return {
      type: "scalar",
      at(at) {
        const [only, another] = of.at(at);
        return only && !another ? only.value : Number.NaN;
      },
    };
  }),
  absent: takes(1, 1, ({ name, arg }, compiler) => {
    const of = compiler.vector(arg(0), name);
    const missing: readonly Sample[] = [
      { set: createLabelSet(labelsOfMissing(matchersOf(arg(0)))), value: 1 },
    ];
    return { type: "vector", at: (at) => (of.at(at).length === 0 ? missing : []) };
  }),
  histogram_quantile: takes(2, 2, ({ name, arg }, compiler) => {
    const q = compiler.scalar(arg(0), name);
    const of = compiler.vector(arg(1), name);
    return {
      type: "vector",
      at(at) {
        const quantile = q.at(at);
        const warning = quantileWarning(quantile);
        if (warning !== undefined) compiler.warn(arg(0), warning);
        const found = histogramQuantiles(quantile, of.at(at), {
          badBound: (text) =>
            compiler.warn(
              arg(1),
              `bucket label "le" is missing or has a malformed value of ${JSON.stringify(text)}`,
            ),
          forced: (mended) => compiler.inform(arg(1), forcedMonotonic(mended, at)),
        });
        return distinct(found);
      },
    };
  }),
  label_replace: takes(5, 5, ({ name, arg }, compiler) => {
    const of = compiler.vector(arg(0), name);
    const target = labelName(arg(1), name, compiler);
    const replacement = compiler.string(arg(2), name);
    const source = compiler.string(arg(3), name);
    const pattern = compiler.string(arg(4), name);
    let expression: RegularExpression;
    try {
      expression = regularExpression(pattern);
    } catch (error) {
      throw compiler.fault(arg(4), messageOf(error));
    }
    const relabel = createRelabelling(target, (labels) => {
      const group = expression.match(labelValue(labels, source));
      return group && expanded(replacement, group);
    });
    return {
      type: "vector",
      at: (at) => distinct(of.at(at).map(({ set, value }) => ({ set: relabel(set), value }))),
    };
  }),
  label_join: takes(3, Infinity, ({ name, args, arg }, compiler) => {
    const of = compiler.vector(arg(0), name);
    const target = labelName(arg(1), name, compiler);
    const separator = compiler.string(arg(2), name);
    const sources = args.slice(3).map((one) => labelName(one, name, compiler));
    const relabel = createRelabelling(target, (labels) =>
      sources.map((source) => labelValue(labels, source)).join(separator),
    );
    return {
      type: "vector",
      at: (at) => distinct(of.at(at).map(({ set, value }) => ({ set: relabel(set), value }))),
    };
  }),
};
