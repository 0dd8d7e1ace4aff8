import type { FastifyInstance } from "fastify";
import type { Clock } from "../../../../runtime/clock.ts";
import { formatExpression } from "../../promql/format.ts";
import type { QueryEngine } from "../../promql/query.ts";
import type { SampleStore } from "../../samples.ts";
import { invalid } from "./answer.ts";
import { addEndpoint, addFormParser, type Parameters } from "./parameters.ts";
import { instantQuery, QUERY_TIMEOUT_MS, rangeQuery } from "./queries.ts";
import { addSeriesEndpoints } from "./series-endpoints.ts";
import { addStateEndpoints, type StateEndpointsDeps } from "./state-endpoints.ts";
import { understood } from "./selectors.ts";
import { addStatusEndpoints, type StatusEndpointsDeps } from "./status-endpoints.ts";

export interface PrometheusApiDeps extends StateEndpointsDeps, Omit<StatusEndpointsDeps, "limits" | "rules"> {
  readonly clock: Clock;
  readonly store: SampleStore;
  readonly engine: QueryEngine;
}

const LOOKBACK_MS = 5 * 60_000;

/** Prometheus' HTTP API over what the evaluator holds: https://prometheus.io/docs/prometheus/latest/querying/api/ */
export function addPrometheusApi(server: FastifyInstance, deps: PrometheusApiDeps): void {
  const { clock } = deps;
  addFormParser(server);

  addEndpoint(
    server,
    "/api/v1/query",
    (given) => {
      const atMs = given.timeOr("time", clock.wall());
      return instantQuery({ ...asked(given), atMs }, deps);
    },
    { form: true },
  );

  addEndpoint(
    server,
    "/api/v1/query_range",
    (given) => {
      const fromMs = given.time("start");
      const toMs = given.time("end");
      const stepMs = given.duration("step");
      if (stepMs === undefined) throw invalid("step", 'cannot parse "" to a valid duration');
      return rangeQuery({ ...asked(given), fromMs, toMs, stepMs }, deps);
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
  addStatusEndpoints(server, { ...deps, limits: { lookbackMs: LOOKBACK_MS, timeoutMs: QUERY_TIMEOUT_MS } });
}

const asked = (given: Parameters) => ({
  expression: given.one("query") ?? "",
  timeoutMs: given.duration("timeout"),
});
