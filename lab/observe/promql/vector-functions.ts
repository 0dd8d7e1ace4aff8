import { bestFirst } from "./aggregate.ts";
import { distinct, type Compiled, type Compiler, type Sample } from "./evaluation.ts";
import type { Expression } from "./expression.ts";
import { histogramQuantiles } from "./histogram.ts";
import { createLabelSet, NAMELESS, NO_LABELS, withLabels } from "./label-set.ts";
import { anchored } from "../label-matcher.ts";
import { labelValue } from "../label-value.ts";
import type { LabelMatcher } from "../samples.ts";

/** Makes a function call ready; `args` are as many as the function takes. */
export type CallCompiler = (call: Call, compiler: Compiler) => Compiled;

export interface Call {
  readonly name: string;
  readonly args: readonly Expression[];
  /** The n-th argument, which is known to be there. */
  arg(n: number): Expression;
  /** The call itself: where an error is told. */
  readonly place: Expression;
}

interface FunctionSpec {
  readonly least: number;
  readonly most: number;
  readonly compile: CallCompiler;
}

const takes = (least: number, most: number, compile: CallCompiler): FunctionSpec => ({
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

/** A function of each value and of numbers that are worked out once a moment. */
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
        const change = make(numbers.map((number) => number.at(at)));
        if (!change) return [];
        return distinct(
          of.at(at).map(({ set, value }) => ({ set: set.project(NAMELESS), value: change(value) })),
        );
      },
    };
  });

const sorted = (least: boolean): FunctionSpec =>
  takes(1, 1, ({ name, arg }, compiler) => {
    const of = compiler.vector(arg(0), name);
    return {
      type: "vector",
      at: (at) => [...of.at(at)].sort((a, b) => bestFirst(a.value, b.value, least)),
    };
  });

/** A part of the UTC date of each value, in seconds since the epoch; of now without an argument. */
const dateOf = (part: (date: Date) => number): FunctionSpec =>
  takes(0, 1, ({ name, args, arg }, compiler) => {
    const of = args.length === 0 ? undefined : compiler.vector(arg(0), name);
    const read = (seconds: number): number => part(new Date(Math.floor(seconds) * 1000));
    return {
      type: "vector",
      at: (at) =>
        of
          ? distinct(of.at(at).map(({ set, value }) => ({ set: set.project(NAMELESS), value: read(value) })))
          : [{ set: NO_LABELS, value: read(at / 1000) }],
    };
  });

/** The labels of the one series that is missing: those that its selector asks for by their exact value. */
export function labelsOfMissing(matchers: readonly LabelMatcher[]): Readonly<Record<string, string>> {
  const asked = matchers.filter(({ label }) => label !== "__name__");
  const once = asked.filter(
    ({ label, op }) => op === "=" && asked.filter((other) => other.label === label).length === 1,
  );
  return Object.fromEntries(
    once.filter(({ value }) => value !== "").map(({ label, value }) => [label, value]),
  );
}

export const matchersOf = (of: Expression): readonly LabelMatcher[] =>
  of.kind === "selector" ? of.matchers : of.kind === "range" ? of.selector.matchers : [];

const round = (to: number) => {
  // As Prometheus: by the inverse, so that 0.1 rounds to tenths.
  const inverse = 1 / to;
  return (value: number): number => Math.floor(value * inverse + 0.5) / inverse;
};

/** Go's $1 and ${name} in a replacement. */
function expanded(replacement: string, match: RegExpExecArray): string {
  return replacement.replaceAll(/\$(?:\$|(\w+)|\{(\w+)\})/g, (whole, bare?: string, braced?: string) => {
    const name = bare ?? braced;
    if (name === undefined) return whole === "$$" ? "$" : "";
    return (/^\d+$/.test(name) ? match[Number(name)] : match.groups?.[name]) ?? "";
  });
}

const LABEL_NAME = /^[A-Za-z_]\w*$/;

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
  round: withNumbers([0, 1], ([to = 1]) => round(to)),
  clamp: withNumbers([2, 2], ([low = 0, high = 0]) =>
    high < low ? undefined : (value) => Math.max(low, Math.min(high, value)),
  ),
  clamp_min: withNumbers(
    [1, 1],
    ([low = 0]) =>
      (value) =>
        Math.max(low, value),
  ),
  clamp_max: withNumbers(
    [1, 1],
    ([high = 0]) =>
      (value) =>
        Math.min(high, value),
  ),
  sort: sorted(true),
  sort_desc: sorted(false),
  minute: dateOf((date) => date.getUTCMinutes()),
  hour: dateOf((date) => date.getUTCHours()),
  day_of_week: dateOf((date) => date.getUTCDay()),
  day_of_month: dateOf((date) => date.getUTCDate()),
  month: dateOf((date) => date.getUTCMonth() + 1),
  year: dateOf((date) => date.getUTCFullYear()),
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
    return { type: "vector", at: (at) => histogramQuantiles(q.at(at), of.at(at)) };
  }),
  label_replace: takes(5, 5, ({ name, arg, place }, compiler) => {
    const of = compiler.vector(arg(0), name);
    const [target, replacement, source, pattern] = [1, 2, 3, 4].map((n) => compiler.string(arg(n), name)) as [
      string,
      string,
      string,
      string,
    ];
    if (!LABEL_NAME.test(target)) throw compiler.fault(arg(1), `not a label's name: "${target}"`);
    let expression: RegExp;
    try {
      expression = anchored(pattern);
    } catch (error) {
      throw compiler.fault(arg(4), `${(error as Error).message} in ${place.kind} ${name}`);
    }
    return {
      type: "vector",
      at: (at) =>
        distinct(
          of.at(at).map((sample) => {
            const match = expression.exec(labelValue(sample.set.labels, source));
            if (!match) return sample;
            return { ...sample, set: withLabels(sample.set, { [target]: expanded(replacement, match) }) };
          }),
        ),
    };
  }),
  label_join: takes(3, Infinity, ({ name, args, arg }, compiler) => {
    const of = compiler.vector(arg(0), name);
    const target = compiler.string(arg(1), name);
    const separator = compiler.string(arg(2), name);
    const sources = args.slice(3).map((one) => compiler.string(one, name));
    if (!LABEL_NAME.test(target)) throw compiler.fault(arg(1), `not a label's name: "${target}"`);
    return {
      type: "vector",
      at: (at) =>
        distinct(
          of.at(at).map(({ set, value }) => {
            const joined = sources.map((source) => labelValue(set.labels, source)).join(separator);
            return { set: withLabels(set, { [target]: joined }), value };
          }),
        ),
    };
  }),
};
