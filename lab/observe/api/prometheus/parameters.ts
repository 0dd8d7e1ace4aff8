import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { READS } from "../../../../runtime/admin-server.ts";
import { messageOf } from "../../../../runtime/errors.ts";
import { QueryError, QueryTimeout } from "../../promql/query.ts";
import { Annotated, ApiError, invalid, STATUS } from "./answer.ts";
import { parseStep, parseTime } from "./values.ts";

/** The parameters of a request, from its query string and its form. */
export interface Parameters {
  all(name: string): readonly string[];
  /** The first; undefined when there is none or an empty one. */
  one(name: string): string | undefined;
  /** Epoch ms. */
  time(name: string): number;
  timeOr(name: string, otherwise: number): number;
  /** A duration in ms, undefined when it is not given. */
  duration(name: string): number | undefined;
}

/** A parsed query string or form. */
export type Given = Readonly<Record<string, string | readonly string[] | undefined>>;

export function parametersOf({ query, body }: Pick<FastifyRequest, "query" | "body">): Parameters {
  const sources = [body, query].filter((source) => source !== null && source !== undefined) as Given[];
  const all = (name: string): readonly string[] =>
    sources.flatMap((source) => (Object.hasOwn(source, name) ? (source[name] ?? []) : []));
  const one = (name: string): string | undefined => {
    const [first = ""] = all(name);
    return first === "" ? undefined : first;
  };
  const time = (name: string): number => {
    const text = one(name) ?? "";
    const at = parseTime(text);
    if (at === undefined) throw invalid(name, `cannot parse ${JSON.stringify(text)} to a valid timestamp`);
    return at;
  };
  return {
    all,
    one,
    time,
    timeOr: (name, otherwise) => (one(name) === undefined ? otherwise : time(name)),
    duration(name) {
      const text = one(name);
      if (text === undefined) return undefined;
      const ms = parseStep(text);
      if (ms === undefined) throw invalid(name, `cannot parse ${JSON.stringify(text)} to a valid duration`);
      return ms;
    },
  };
}

/** Returns an endpoint's `data`, Annotated where there are warnings. Throws ApiError, and QueryError when evaluation fails. */
export type Endpoint = (given: Parameters, request: FastifyRequest) => unknown;

/** Adds an endpoint in Prometheus' envelope; with `form`, POST does what GET does: long expressions do not fit a URL. */
export function addEndpoint(
  server: FastifyInstance,
  path: string,
  endpoint: Endpoint,
  { form = false }: { readonly form?: boolean } = {},
): void {
  const handler = async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    try {
      const answer = await endpoint(parametersOf(request), request);
      if (!(answer instanceof Annotated)) return { status: "success", data: answer };
      return { status: "success", data: answer.data, ...answer.annotations };
    } catch (error) {
      if (!(error instanceof ApiError || error instanceof QueryError)) throw error;
      const errorType =
        error instanceof ApiError ? error.kind : error instanceof QueryTimeout ? "timeout" : "execution";
      return reply.code(STATUS[errorType]).send({ status: "error", errorType, error: messageOf(error) });
    }
  };
  server.get(path, handler);
  if (form) server.post(path, { config: READS }, handler);
}

/** Adds a parser of forms; a field given twice becomes a list. */
export function addFormParser(server: FastifyInstance): void {
  server.addContentTypeParser(
    "application/x-www-form-urlencoded",
    { parseAs: "string" },
    (_request, body, done) => {
      const form = new URLSearchParams(String(body));
      done(null, Object.fromEntries([...new Set(form.keys())].map((name) => [name, form.getAll(name)])));
    },
  );
}
