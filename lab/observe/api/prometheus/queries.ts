import type { Clock } from "../../../../runtime/clock.ts";
import type { Query, QueryEngine } from "../../promql/query.ts";
import { Annotated, ApiError, invalid } from "./answer.ts";
import { queryRange } from "./range-query.ts";
import { understood } from "./selectors.ts";
import { instantData, matrixSeries } from "./values.ts";

/** An expression, and how long its evaluation may take at most. */
interface ExpressionQuery {
  readonly expression: string;
  readonly timeoutMs?: number | undefined;
}

/** An expression at one moment, epoch ms. */
export interface InstantQuery extends ExpressionQuery {
  readonly atMs: number;
}

/** An expression from one moment to another, epoch ms, at every step. */
export interface RangeQuery extends ExpressionQuery {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
}

export interface QueryDeps {
  readonly clock: Clock;
  readonly engine: QueryEngine;
}

/** As in Prometheus: more points are a mistake, or more than a browser can draw. */
const MAX_POINTS = 11_000;
export const QUERY_TIMEOUT_MS = 120_000;

/** The answer of `/api/v1/query`, over HTTP or without. Throws ApiError, and QueryError when evaluation fails. */
export function instantQuery({ expression, atMs, timeoutMs }: InstantQuery, { clock, engine }: QueryDeps) {
  const limitMs = limitOf(timeoutMs);
  const begun = clock.now();
  const value = compiled(engine, expression).at(atMs, { expired: () => clock.now() - begun > limitMs });
  return new Annotated(instantData(value, atMs), value);
}

/** The answer of `/api/v1/query_range`, over HTTP or without. Throws ApiError, and QueryError when evaluation fails. */
export async function rangeQuery(asked: RangeQuery, { clock, engine }: QueryDeps) {
  const { expression, fromMs, toMs, stepMs, timeoutMs } = asked;
  if (toMs < fromMs) throw invalid("end", "end timestamp must not be before start time");
  if (stepMs <= 0)
    throw invalid(
      "step",
      "zero or negative query resolution step widths are not accepted. Try a positive integer",
    );
  if ((toMs - fromMs) / stepMs > MAX_POINTS)
    throw new ApiError(
      "bad_data",
      "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)",
    );
  const query = compiled(engine, expression);
  if (query.type !== "scalar" && query.type !== "vector")
    throw invalid(
      "query",
      `invalid expression type "${query.type}" for range query, must be Scalar or instant Vector`,
    );
  // Whole milliseconds, as everything is stored.
  const wholeStepMs = Math.max(1, Math.trunc(stepMs));
  const found = await queryRange(
    query,
    { fromMs, toMs, stepMs: wholeStepMs, timeoutMs: limitOf(timeoutMs) },
    clock,
  );
  return new Annotated({ resultType: "matrix" as const, result: found.series.map(matrixSeries) }, found);
}

const limitOf = (timeoutMs = QUERY_TIMEOUT_MS): number => Math.min(timeoutMs, QUERY_TIMEOUT_MS);

const compiled = (engine: QueryEngine, expression: string): Query =>
  understood("query", () => engine.compile(expression));
