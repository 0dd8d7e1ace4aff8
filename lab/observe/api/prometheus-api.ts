import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Clock } from "../../../runtime/clock.ts";
import { messageOf } from "../../../runtime/errors.ts";
import { parseExpression } from "../promql/parse.ts";
import { QueryError, type QueryEngine } from "../promql/query.ts";
import type { RuleEvaluator } from "../rules/rule-evaluator.ts";
import type { LabelMatcher, SampleStore } from "../samples.ts";
import type { TargetState } from "../scrape/target.ts";
import { alertViews, ruleGroupViews, targetViews } from "./views.ts";
import { instantData, matrixSeries, parseStep, parseTime } from "./values.ts";

export interface PrometheusApiDeps {
  readonly clock: Clock;
  readonly store: SampleStore;
  readonly engine: QueryEngine;
  readonly rules: Pick<RuleEvaluator, "active" | "groups">;
  readonly targets: () => readonly TargetState[];
  readonly intervalMs: number;
}

/** What was asked for cannot be answered: Prometheus' own kinds of error, with their status. */
class ApiError extends Error {
  readonly kind: "bad_data" | "execution";
  constructor(kind: ApiError["kind"], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** As Prometheus: more would be a mistake, or a browser that cannot draw them. */
const MAX_POINTS = 11_000;

type Given = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Prometheus' HTTP API over what the evaluator holds: https://prometheus.io/docs/prometheus/latest/querying/api/ */
export function addPrometheusApi(server: FastifyInstance, deps: PrometheusApiDeps): void {
  const { clock, store, engine, rules, targets } = deps;

  server.addContentTypeParser(
    "application/x-www-form-urlencoded",
    { parseAs: "string" },
    (_request, body, done) => done(null, fields(new URLSearchParams(String(body)))),
  );

  /** GET, and POST with the same as a form: long expressions do not fit into an address. */
  const answers = (path: string, answer: (given: Given, request: FastifyRequest) => unknown): void => {
    const handler = (request: FastifyRequest, reply: FastifyReply): unknown => {
      const given = { ...(request.query as Given), ...(request.body as Given | undefined) };
      try {
        return { status: "success", data: answer(given, request) };
      } catch (error) {
        const kind =
          error instanceof ApiError ? error.kind : error instanceof QueryError ? "execution" : undefined;
        if (kind === undefined) throw error;
        return reply
          .code(kind === "bad_data" ? 400 : 422)
          .send({ status: "error", errorType: kind, error: messageOf(error) });
      }
    };
    server.get(path, handler);
    server.post(path, { config: { reads: true } }, handler);
  };

  answers("/api/v1/query", (given) => {
    const at = timeOf(given, "time", clock.wall());
    return instantData(compiled(given).at(at), at);
  });
  answers("/api/v1/query_range", (given) => {
    const query = compiled(given);
    const [from, to] = [timeOf(given, "start"), timeOf(given, "end")];
    const step = parseStep(one(given, "step") ?? "");
    if (to < from) throw invalid("end", "end timestamp must not be before start time");
    if (step === undefined)
      throw invalid("step", "zero or negative query resolution step widths are not accepted");
    if ((to - from) / step > MAX_POINTS)
      throw new ApiError(
        "bad_data",
        "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)",
      );
    if (query.type !== "scalar" && query.type !== "vector")
      throw invalid(
        "query",
        `invalid expression type "${query.type}" for range query, must be Scalar or instant Vector`,
      );
    return { resultType: "matrix", result: query.range(from, to, step).map(matrixSeries) };
  });
  answers("/api/v1/series", (given) => {
    const selectors = many(given, "match[]");
    if (selectors.length === 0) throw new ApiError("bad_data", "no match[] parameter provided");
    return selected(selectors).map(({ labels }) => labels);
  });
  answers("/api/v1/labels", (given) => {
    const selectors = many(given, "match[]");
    if (selectors.length === 0) return store.labelNames();
    return sorted(selected(selectors).flatMap(({ labels }) => Object.keys(labels)));
  });
  answers("/api/v1/label/:name/values", (given, request) => {
    const { name } = request.params as { name: string };
    const selectors = many(given, "match[]");
    if (!/^[A-Za-z_]\w*$/.test(name))
      throw new ApiError("bad_data", `invalid label name: ${JSON.stringify(name)}`);
    if (selectors.length === 0) return store.labelValues(name);
    return sorted(selected(selectors).flatMap(({ labels }) => labels[name] ?? []));
  });
  answers("/api/v1/rules", () => ({ groups: ruleGroupViews(rules.groups, deps.intervalMs) }));
  answers("/api/v1/alerts", () => ({ alerts: alertViews(rules.active) }));
  answers("/api/v1/targets", () => targetViews(targets(), deps.intervalMs));
  answers("/api/v1/metadata", () => ({}));
  // Grafana asks what it speaks to, and uses what that version can do.
  answers("/api/v1/status/buildinfo", () => ({
    version: "2.42.0",
    revision: "lblab",
    branch: "",
    buildUser: "",
    buildDate: "",
    goVersion: "",
  }));
  server.get("/-/healthy", () => "lblab's evaluator is healthy.\n");
  server.get("/-/ready", () => "lblab's evaluator is ready.\n");

  function compiled(given: Given) {
    const text = one(given, "query") ?? "";
    try {
      return engine.compile(text);
    } catch (error) {
      if (!(error instanceof QueryError)) throw error;
      throw invalid("query", `${error.line}:${error.column}: parse error: ${error.message}`);
    }
  }

  function selected(selectors: readonly string[]) {
    const found = new Set(selectors.flatMap((text) => store.select(matchersOf(text))));
    return [...found];
  }
}

const invalid = (parameter: string, message: string): ApiError =>
  new ApiError("bad_data", `invalid parameter "${parameter}": ${message}`);

function matchersOf(text: string): readonly LabelMatcher[] {
  try {
    const parsed = parseExpression(text);
    if (parsed.kind === "selector") return parsed.matchers;
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    throw invalid("match[]", `${error.line}:${error.column}: parse error: ${error.message}`);
  }
  throw invalid("match[]", "not a selector");
}

function timeOf(given: Given, name: string, otherwise?: number): number {
  const text = one(given, name);
  const at = text === undefined ? otherwise : parseTime(text);
  if (at === undefined)
    throw invalid(name, `cannot parse ${JSON.stringify(text ?? "")} to a valid timestamp`);
  return at;
}

const many = (given: Given, name: string): readonly string[] => {
  const value = given[name];
  return value === undefined ? [] : typeof value === "string" ? [value] : value;
};
const one = (given: Given, name: string): string | undefined => many(given, name)[0];

const sorted = (texts: readonly string[]): string[] => [...new Set(texts)].sort();

function fields(form: URLSearchParams): Given {
  return Object.fromEntries([...new Set(form.keys())].map((name) => [name, form.getAll(name)]));
}
