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

/** Warnings and infos about an answer, in Prometheus' words; absent when there are none. */
export interface Annotations {
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
}

export interface MatrixValue extends Annotations {
  readonly type: "matrix";
  /** In the order of their labels. */
  readonly series: readonly MatrixSeries[];
}

/** The value of an expression at one moment. */
export type Value =
  | (Annotations & { readonly type: "scalar"; readonly value: number })
  | (Annotations & { readonly type: "string"; readonly value: string })
  | (Annotations & { readonly type: "vector"; readonly samples: readonly VectorSample[] })
  | MatrixValue;

export interface QueryOptions {
  /** True when the time for this query is over: it ends with a QueryTimeout soon after. */
  readonly expired?: () => boolean;
}

/** Moments of a query, epoch ms, both ends included. */
export interface Steps {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
}

/** An evaluation over a range, some moments at a time, so that a long one does not block the event loop. */
export interface RangeEvaluation {
  /** Evaluates up to so many more moments; false when there are no more. Throws as Query.at does. */
  advance(moments: number): boolean;
  /** The result up to now. */
  value(): MatrixValue;
}

/** A compiled expression, to be evaluated any number of times. */
export interface Query {
  readonly expression: string;
  readonly type: ValueType;
  /** Names of the metrics it selects by name. */
  readonly metrics: readonly string[];
  /** Throws QueryError when it cannot be evaluated on the data, as many-to-many matching, or is too expensive. */
  at(atMs: number, options?: QueryOptions): Value;
  /** At every step. Only scalars and instant vectors can be evaluated over a range. Throws QueryError for too many steps. */
  over(steps: Steps, options?: QueryOptions): RangeEvaluation;
  /** The same in one go. */
  range(fromMs: number, toMs: number, stepMs: number, options?: QueryOptions): MatrixValue;
}

/** Why an expression was refused, and where: line and column count from 1. */
export class QueryError extends Error {
  override readonly name: string = "QueryError";
  readonly line: number;
  readonly column: number;

  constructor(message: string, { line, column }: { readonly line: number; readonly column: number }) {
    super(message);
    this.line = line;
    this.column = column;
  }
}

/** The time for a query was over before it was done. */
export class QueryTimeout extends QueryError {
  override readonly name = "QueryTimeout";
}

export interface QueryEngine {
  /** Throws QueryError for what is not PromQL, and for PromQL that is not supported. */
  compile(expression: string): Query;
}
