import type { Labels } from "../samples.ts";

export type ValueType = "scalar" | "vector" | "matrix" | "string";

export interface VectorSample {
  readonly labels: Labels;
  readonly value: number;
}

export interface MatrixSeries {
  readonly labels: Labels;
  /** Epoch ms and value, oldest first. */
  readonly points: readonly (readonly [number, number])[];
}

/** What an expression comes to at one moment. */
export type Value =
  | { readonly type: "scalar"; readonly value: number }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "vector"; readonly samples: readonly VectorSample[] }
  | { readonly type: "matrix"; readonly series: readonly MatrixSeries[] };

/** An expression that was understood, to be evaluated as often as wanted. */
export interface Query {
  readonly expression: string;
  readonly type: ValueType;
  /** Names of the metrics it selects by name. */
  readonly metrics: readonly string[];
  /** Throws QueryError when the data does not allow it, as many-to-many matching. */
  at(atMs: number): Value;
  /** At every step from `fromMs` to `toMs`, both included. Only scalars and vectors can be asked for over a range. */
  range(fromMs: number, toMs: number, stepMs: number): readonly MatrixSeries[];
}

/** Why an expression was refused, and where: line and column count from 1. */
export class QueryError extends Error {
  readonly line: number;
  readonly column: number;

  constructor(message: string, { line, column }: { readonly line: number; readonly column: number }) {
    super(message);
    this.name = "QueryError";
    this.line = line;
    this.column = column;
  }
}

export interface QueryEngine {
  /** Throws QueryError for what is not PromQL, and for PromQL that is not supported. */
  compile(expression: string): Query;
}
