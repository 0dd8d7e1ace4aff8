import { bestFirst } from "./aggregate.ts";
import { calendarDate, dayOfYear, daysInMonth, type CalendarDate } from "./dates.ts";
import { distinct, type Sample } from "./evaluation.ts";
import type { Expression } from "./expression.ts";
import { takes, type FunctionSpec } from "./function-spec.ts";
import { histogramQuantiles, type Mended } from "./histogram.ts";
import { LABEL_FUNCTIONS } from "./label-functions.ts";
import { createLabelSet, NAMELESS, NO_LABELS } from "./label-set.ts";
import { formatGeneral } from "./number-text.ts";
import { quantileWarning } from "./quantile-warning.ts";
import type { LabelMatcher } from "../samples.ts";

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
  ...LABEL_FUNCTIONS,
};
