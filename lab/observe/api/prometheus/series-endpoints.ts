import type { FastifyInstance } from "fastify";
import type { Clock } from "../../../../runtime/clock.ts";
import { parseExpression } from "../../promql/parse.ts";
import { labelValue } from "../../label-value.ts";
import type { SampleStore, SeriesReader } from "../../samples.ts";
import { federated } from "./exposition.ts";
import { ApiError, invalid } from "./answer.ts";
import { addEndpoint, parametersOf, type Given, type Parameters } from "./parameters.ts";
import { matchersOf, understood } from "./selectors.ts";

/** Endpoints of series and their labels. */
export function addSeriesEndpoints(
  server: FastifyInstance,
  { store, clock }: { readonly store: SampleStore; readonly clock: Clock },
): void {
  /** Series that any of the selectors matches and that have samples in the requested time; all, without selectors. */
  function selected(given: Parameters): readonly SeriesReader[] {
    const from = given.timeOr("start", -Infinity);
    const to = given.timeOr("end", Infinity);
    const selectors = given.all("match[]");
    const found =
      selectors.length === 0
        ? store.select([])
        : selectors.flatMap((text) => store.select(matchersOf(text, "match[]")));
    if (from === -Infinity && to === Infinity) return [...new Set(found)];
    return [...new Set(found)].filter((series) => series.last(from - 1, to) !== undefined);
  }

  addEndpoint(
    server,
    "/api/v1/series",
    (given) => {
      if (given.all("match[]").length === 0) throw new ApiError("bad_data", "no match[] parameter provided");
      return selected(given).map(({ labels }) => labels);
    },
    { form: true },
  );
  addEndpoint(
    server,
    "/api/v1/labels",
    (given) => sorted(selected(given).flatMap(({ labels }) => Object.keys(labels))),
    { form: true },
  );
  addEndpoint(server, "/api/v1/label/:name/values", (given, { params }) => {
    const { name } = params as { readonly name: string };
    if (!/^[A-Za-z_]\w*$/.test(name))
      throw new ApiError("bad_data", `invalid label name: ${JSON.stringify(name)}`);
    return sorted(selected(given).flatMap(({ labels }) => labelValue(labels, name) || []));
  });
  // None is kept here: the answer is an empty one of the right shape.
  addEndpoint(
    server,
    "/api/v1/query_exemplars",
    (given) => {
      const [from, to] = [given.timeOr("start", -Infinity), given.timeOr("end", Infinity)];
      if (to < from) throw invalid("end", "end timestamp must not be before start timestamp");
      understood("query", () => parseExpression(given.one("query") ?? ""));
      return [];
    },
    { form: true },
  );
  server.get<{ Querystring: Given }>("/federate", ({ query }, reply) => {
    try {
      const selectors = parametersOf({ query, body: undefined })
        .all("match[]")
        .map((text) => matchersOf(text, "match[]"));
      return reply
        .type("text/plain; version=0.0.4; charset=utf-8")
        .send(federated(store, selectors, clock.wall()));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return reply.code(400).type("text/plain; charset=utf-8").send(`${error.message}\n`);
    }
  });
}

const sorted = (texts: readonly string[]): string[] => [...new Set(texts)].sort();
