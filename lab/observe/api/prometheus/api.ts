import type { FastifyInstance } from "fastify";
import type { Clock } from "../../../../runtime/clock.ts";
import { formatExpression } from "../../promql/format.ts";
import type { Query, QueryEngine } from "../../promql/query.ts";
import type { SampleStore } from "../../samples.ts";
import { addEndpoint, addFormParser, Annotated, ApiError, invalid, type Parameters } from "./parameters.ts";
import { queryRange } from "./range-query.ts";
import { addSeriesEndpoints } from "./series-endpoints.ts";
import { addStateEndpoints, type StateEndpointsDeps } from "./state-endpoints.ts";
import { understood } from "./selectors.ts";
import { addStatusEndpoints, type StatusEndpointsDeps } from "./status-endpoints.ts";
import { instantData, matrixSeries } from "./values.ts";

export interface PrometheusApiDeps extends StateEndpointsDeps, Omit<StatusEndpointsDeps, "limits" | "rules"> {
  readonly clock: Clock;
  readonly store: SampleStore;
  readonly engine: QueryEngine;
}

/** As Prometheus: more would be a mistake, or a browser that cannot draw them. */
const MAX_POINTS = 11_000;
const TIMEOUT_MS = 120_000;
const LOOKBACK_MS = 5 * 60_000;

/** Prometheus' HTTP API over what the evaluator holds: https://prometheus.io/docs/prometheus/latest/querying/api/ */
export function addPrometheusApi(server: FastifyInstance, deps: PrometheusApiDeps): void {
  const { clock, engine } = deps;
  addFormParser(server);

  addEndpoint(
    server,
    "/api/v1/query",
    (given) => {
      const at = given.timeOr("time", clock.wall());
      const timeoutMs = timeoutOf(given);
      const begun = clock.now();
      const value = compiled(engine, given).at(at, { expired: () => clock.now() - begun > timeoutMs });
      return new Annotated(instantData(value, at), value);
    },
    { form: true },
  );

  addEndpoint(
    server,
    "/api/v1/query_range",
    async (given) => {
      const fromMs = given.time("start");
      const toMs = given.time("end");
      if (toMs < fromMs) throw invalid("end", "end timestamp must not be before start time");
      const stepMs = given.duration("step");
      if (stepMs === undefined) throw invalid("step", 'cannot parse "" to a valid duration');
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
      const timeoutMs = timeoutOf(given);
      const query = compiled(engine, given);
      if (query.type !== "scalar" && query.type !== "vector")
        throw invalid(
          "query",
          `invalid expression type "${query.type}" for range query, must be Scalar or instant Vector`,
        );
      // As everything is stored: in whole milliseconds.
      const wholeStepMs = Math.max(1, Math.trunc(stepMs));
      const found = await queryRange(query, { fromMs, toMs, stepMs: wholeStepMs, timeoutMs }, clock);
      return new Annotated({ resultType: "matrix", result: found.series.map(matrixSeries) }, found);
    },
    { form: true },
  );

  addEndpoint(
    server,
    "/api/v1/format_query",
    (given) => {
      const text = given.one("query") ?? "";
      return understood("query", () => formatExpression(text));
    },
    { form: true },
  );

  addSeriesEndpoints(server, deps);
  addStateEndpoints(server, deps);
  addStatusEndpoints(server, { ...deps, limits: { lookbackMs: LOOKBACK_MS, timeoutMs: TIMEOUT_MS } });
}

const timeoutOf = (given: Parameters): number =>
  Math.min(given.duration("timeout") ?? TIMEOUT_MS, TIMEOUT_MS);

const compiled = (engine: QueryEngine, given: Parameters): Query =>
  understood("query", () => engine.compile(given.one("query") ?? ""));
