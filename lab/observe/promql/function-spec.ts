import type { Compiled, Compiler } from "./evaluation.ts";
import type { Expression } from "./expression.ts";

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
