import type { Clock } from "../../../../runtime/clock.ts";
import type { Query, QueryEngine } from "../../promql/query.ts";
import { Annotated, ApiError, invalid } from "./answer.ts";
import { queryRange } from "./range-query.ts";
import { understood } from "./selectors.ts";
import { instantData, matrixSeries } from "./values.ts";

/** An expression, and how long its evaluation may take at most. */
interface Asked {
  readonly expression: string;
  readonly timeoutMs?: number | undefined;
}

/** An expression at one moment, epoch ms. */
export interface InstantQuery extends Asked {
  readonly atMs: number;
}

/** An expression from one moment to another, epoch ms, at every step. */
export interface RangeQuery extends Asked {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
}

export interface QueryDeps {
  readonly clock: Clock;
  readonly engine: QueryEngine;
}

/** As Prometheus: more would be a mistake, or a browser that cannot draw them. */
const MAX_POINTS = 11_000;
export const QUERY_TIMEOUT_MS = 120_000;

/** What `/api/v1/query` answers, over HTTP or without. Throws ApiError, and QueryError for what the data does not allow. */
export function instantQuery({ expression, atMs, timeoutMs }: InstantQuery, { clock, engine }: QueryDeps) {
  const limitMs = limitOf(timeoutMs);
  const begun = clock.now();
  const value = compiled(engine, expression).at(atMs, { expired: () => clock.now() - begun > limitMs });
  return new Annotated(instantData(value, atMs), value);
}

/** What `/api/v1/query_range` answers, over HTTP or without. Throws ApiError, and QueryError for what the data does not allow. */
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
  // As everything is stored: in whole milliseconds.
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
