import { NONCE_FIELD, ORIGIN_FIELD } from "../../../runtime/answer-proof.ts";
import { headerValue } from "../../../lb/exchange.ts";
import type { ServiceAnswer } from "../../../backends/answers.ts";
import type { Service } from "../../../backends/service.ts";
import type { RoleRoute } from "../../../backends/toolkit.ts";
import type { Incoming } from "./network.ts";

/** A backend's edge in virtual time, in place of the live fastify and socket. */
export function serveService(service: Service): (incoming: Incoming) => void {
  const routes = service.routes.map(createMatch);
  return (incoming) => {
    const { method, target, headers, body } = incoming.request;
    const nonce = headerValue(headers, NONCE_FIELD);
    const send = (answer: ServiceAnswer): void => give(incoming, service.serverHeader, answer);
    const query = target.indexOf("?");
    const path = query < 0 ? target : target.slice(0, query);
    if (path === "/healthz") return send(service.health({ method, url: target, nonce }));
    for (const match of routes) {
      if (match.method !== method && match.method !== "any") continue;
      const params = paramsOf(match, path);
      if (!params) continue;
      const { route } = match;
      const cookie = headerValue(headers, "cookie");
      const read = service.ignoresBodies || body === undefined ? undefined : parsed(body);
      const request = { method, url: target, params, cookie, nonce, body: read };
      if (read === FAULTY) return send(service.failed(400, request, "the body is no JSON"));
      const handled = service.handle(route, request, send);
      incoming.onGone(() => handled.leave());
      return;
    }
    send(service.failed(404, { method, url: target, nonce }, `no ${method} ${target} here`));
  };
}

function give(
  incoming: Incoming,
  server: string,
  { status, type, setCookie, text, said, proof }: ServiceAnswer,
): void {
  // A literal for what is sent most often: an array that grows takes room for seventeen more.
  const headers =
    proof === undefined
      ? ["server", server, "content-type", type]
      : ["server", server, "content-type", type, ORIGIN_FIELD, proof];
  if (setCookie !== undefined) headers.push("set-cookie", setCookie);
  incoming.answer({ status, headers, body: text, said });
}

const NO_PARAMS = {};
const FAULTY = Symbol("no JSON");

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return FAULTY;
  }
}

/** Plain data, not a closure: of thousands of backends, each one's closures would be out of cache when its turn comes. */
interface Match {
  readonly route: RoleRoute;
  readonly method: RoleRoute["method"];
  /** A whole path, `/*` for every path, or what comes before the one segment that has a name. */
  readonly path: string;
  readonly name: string | undefined;
}

function createMatch(route: RoleRoute): Match {
  const { method, path } = route;
  const colon = path.indexOf(":");
  if (colon < 0) return { route, method, path, name: undefined };
  return { route, method, path: path.slice(0, colon), name: path.slice(colon + 1) };
}

/** Undefined when the path is not the route's. */
function paramsOf({ path, name }: Match, given: string): Readonly<Record<string, string>> | undefined {
  if (name === undefined) return path === "/*" || path === given ? NO_PARAMS : undefined;
  if (!given.startsWith(path) || given.includes("/", path.length)) return undefined;
  return { [name]: given.slice(path.length) };
}
