import type { SampleStore, SampleWindow } from "../samples.ts";
import type { Expression } from "./expression.ts";
import type { LabelSet } from "./label-set.ts";

/** One element of an instant vector. */
export interface Sample {
  readonly set: LabelSet;
  readonly value: number;
}

/** One series of a range vector, lent until the next is asked for. */
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
  readonly offsetMs: number;
  /** Calls `visit` with each series that has a sample in the range; the window is used again for the next. */
  readonly each: (atMs: number, visit: (series: RangeSeries) => void) => void;
}

export type CompiledVector = Extract<Compiled, { readonly type: "vector" }>;
export type CompiledScalar = Extract<Compiled, { readonly type: "scalar" }>;

/** What compiling needs to know beside the expression. */
export interface Compiler {
  readonly store: SampleStore;
  /** How old a sample may be to stand for now. */
  readonly lookbackMs: number;
  /** Whose details are followed where the two differ: 3 by default, 2 to be compared with an older one. */
  readonly prometheus: 2 | 3;
  compile(expression: Expression): Compiled;
  /** Compiles, and refuses anything but this type, at the expression's place. */
  vector(expression: Expression, what: string): CompiledVector;
  scalar(expression: Expression, what: string): CompiledScalar;
  range(expression: Expression, what: string): CompiledRange;
  string(expression: Expression, what: string): string;
  /** An error at this place in the expression's text. */
  fault(at: Expression, message: string): Error;
}

/** The data does not allow what the expression asks for: known only when it is evaluated. */
export class EvaluationError extends Error {
  override readonly name = "EvaluationError";
}

/** Throws when two elements have the same labels, which dropping the name can lead to. */
export function distinct(samples: readonly Sample[]): readonly Sample[] {
  if (samples.length < 2) return samples;
  const seen = new Set<string>();
  for (const { set } of samples) {
    if (seen.has(set.key)) throw new EvaluationError("vector cannot contain metrics with the same labelset");
    seen.add(set.key);
  }
  return samples;
}
