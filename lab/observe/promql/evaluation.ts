import type { SampleStore, SampleWindow } from "../samples.ts";
import { EvaluationError } from "./evaluation-errors.ts";
import type { Expression, Shift } from "./expression.ts";
import type { LabelSet } from "./label-set.ts";
import type { Run } from "./run.ts";

/** One element of an instant vector. */
export interface Sample {
  readonly set: LabelSet;
  readonly value: number;
}

/** One series of a range vector, valid until the next is requested. */
export interface RangeSeries {
  readonly set: LabelSet;
  readonly window: SampleWindow;
}

/** An expression ready to be evaluated at any moment (epoch ms). */
export type Compiled =
  | { readonly type: "scalar"; readonly at: (atMs: number) => number }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "vector"; readonly at: (atMs: number) => readonly Sample[] }
  | CompiledRange;

export interface CompiledRange {
  readonly type: "matrix";
  readonly rangeMs: number;
  /** Where the range ends when the expression is evaluated at a moment. */
  readonly endAt: (atMs: number) => number;
  /** Calls `visit` with each series that has a sample in the range; the window is reused for the next. */
  readonly each: (atMs: number, visit: (series: RangeSeries) => void) => void;
}

export type CompiledVector = Extract<Compiled, { readonly type: "vector" }>;
export type CompiledScalar = Extract<Compiled, { readonly type: "scalar" }>;

/** What compiling needs beside the expression. */
export interface Compiler {
  readonly store: SampleStore;
  /** How old the latest sample may be. */
  readonly lookbackMs: number;
  /** The step of a subquery that names none; undefined: it must name one. */
  readonly subqueryStepMs: number | undefined;
  /** The version that is followed where the two differ: 3 by default, 2 for comparison with an older Prometheus. */
  readonly prometheus: 2 | 3;
  /** The run that the expression is being evaluated in. */
  readonly run: Run;
  /** True while the inside of a subquery is compiled: one run evaluates it at many moments. */
  readonly inSubquery: boolean;
  compile(expression: Expression): Compiled;
  /** Compiles the inside of a subquery. */
  withinSubquery(expression: Expression): CompiledVector;
  /** Compiles an instant vector; any other type is an error at the expression's place. */
  vector(expression: Expression, what: string): CompiledVector;
  scalar(expression: Expression, what: string): CompiledScalar;
  range(expression: Expression, what: string): CompiledRange;
  string(expression: Expression, what: string): string;
  /** An error at this place in the expression's text. */
  fault(at: Expression, message: string): Error;
  /** An error for PromQL that is not supported. */
  unsupported(at: Expression, message: string): Error;
  /** Adds to the answer a warning about this place. */
  warn(at: Expression, message: string): void;
  /** Adds an info annotation, below a warning. */
  inform(at: Expression, message: string): void;
}

/** The time that an expression with these modifiers reads at, by the moment of its evaluation. */
export function shiftedTime({ at, offsetMs }: Shift, compiler: Compiler): (atMs: number) => number {
  if (at === undefined) return offsetMs === 0 ? (atMs) => atMs : (atMs) => atMs - offsetMs;
  if (at === "start") return () => compiler.run.fromMs - offsetMs;
  if (at === "end") return () => compiler.run.toMs - offsetMs;
  return () => at - offsetMs;
}

const SAME_LABELS = "vector cannot contain metrics with the same labelset";

/** Throws when two elements have the same labels, which dropping the name can lead to. */
export function distinct(samples: readonly Sample[]): readonly Sample[] {
  if (samples.length < 2) return samples;
  const seen = new Set<string>();
  for (const { set } of samples) {
    if (seen.has(set.key)) throw new EvaluationError(SAME_LABELS);
    seen.add(set.key);
  }
  return samples;
}

/**
 * The same for elements made from one series each. It also throws when two series become one at different moments
 * of a run, as when a metric is renamed: Prometheus evaluates these series by series, and refuses.
 */
export interface DistinctSeries {
  /** True when this evaluation is one of several in its run, so that the source of an element matters. */
  readonly ofMany: boolean;
  check(made: readonly Sample[], sources: readonly LabelSet[]): readonly Sample[];
}

export function distinctSeries(compiler: Compiler): DistinctSeries {
  const { inSubquery } = compiler;
  let run: Run | undefined;
  const owners = new Map<string, string>();
  return {
    get ofMany() {
      return inSubquery || compiler.run.fromMs !== compiler.run.toMs;
    },
    check(made, sources) {
      if (sources.length === 0) return distinct(made);
      if (run !== compiler.run) {
        run = compiler.run;
        owners.clear();
      }
      made.forEach(({ set }, i) => {
        const source = sources[i]?.key ?? "";
        const owner = owners.get(set.key);
        if (owner === undefined) owners.set(set.key, source);
        else if (owner !== source) throw new EvaluationError(SAME_LABELS);
      });
      return made;
    },
  };
}
