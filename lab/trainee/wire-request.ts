import { routeOf, type OperationName } from "./routes.ts";

/** An operation as an HTTP request. */
export interface WireRequest {
  readonly method: "GET" | "POST";
  /** Path and query. */
  readonly path: string;
  /** JSON. */
  readonly body: string | undefined;
}

/** The request that asks for an operation with this input: fields of the path are put into it, the others into query or body. */
export function wireRequest(name: OperationName, input: object): WireRequest {
  const { method, path } = routeOf(name);
  const rest = new Map(Object.entries(input).filter(([, value]) => value !== undefined));
  const filled = path.replaceAll(/:(\w+)/g, (_part, field: string) => {
    const value = rest.get(field) as unknown;
    rest.delete(field);
    return encodeURIComponent(String(value));
  });
  if (method === "POST") return { method, path: filled, body: JSON.stringify(Object.fromEntries(rest)) };
  const query = new URLSearchParams(
    Array.from(rest, ([field, value]): [string, string] => [field, String(value)]),
  ).toString();
  return { method, path: query === "" ? filled : `${filled}?${query}`, body: undefined };
}
