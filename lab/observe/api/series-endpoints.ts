import type { FastifyInstance } from "fastify";
import { parseExpression } from "../promql/parse.ts";
import { QueryError } from "../promql/query.ts";
import type { LabelMatcher, SampleStore, SeriesReader } from "../samples.ts";
import { addEndpoint, ApiError, invalid, type Parameters } from "./parameters.ts";

/** Which series there are, and which labels they have. */
export function addSeriesEndpoints(server: FastifyInstance, store: SampleStore): void {
  /** Series that any of the selectors finds and that have samples in the time asked for; all, without selectors. */
  function selected(given: Parameters): readonly SeriesReader[] {
    const from = given.timeOr("start", -Infinity);
    const to = given.timeOr("end", Infinity);
    const selectors = given.all("match[]");
    const found =
      selectors.length === 0 ? store.select([]) : selectors.flatMap((text) => store.select(matchersOf(text)));
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
    return sorted(selected(given).flatMap(({ labels }) => labels[name] ?? []));
  });
}

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

const sorted = (texts: readonly string[]): string[] => [...new Set(texts)].sort();
