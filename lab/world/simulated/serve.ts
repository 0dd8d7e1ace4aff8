import { headerValue } from "../../../lb/exchange.ts";
import type { Service, ServiceAnswer } from "../../../backends/service.ts";
import type { RoleRoute } from "../../../backends/toolkit.ts";
import type { Incoming } from "./network.ts";

/** A backend's edge in virtual time: what fastify and a socket are to it live. */
export function serveService(service: Service): (incoming: Incoming) => void {
  const routes = service.routes.map(createMatch);
  return (incoming) => {
    const { method, target, headers, body } = incoming.request;
    const nonce = headerValue(headers, "x-nonce");
    const send = ({ status, type, setCookie, text }: ServiceAnswer): void =>
      incoming.answer({
        status,
        headers:
          setCookie === undefined
            ? ["server", service.serverHeader, "content-type", type]
            : ["server", service.serverHeader, "content-type", type, "set-cookie", setCookie],
        body: text,
      });
    const query = target.indexOf("?");
    const path = query < 0 ? target : target.slice(0, query);
    if (path === "/healthz") return send(service.health(nonce));
    for (const { route, params: paramsOf } of routes) {
      if (route.method !== method && route.method !== "any") continue;
      const params = paramsOf(path);
      if (!params) continue;
      const read = service.ignoresBodies || body === undefined ? undefined : parsed(body);
      if (read === FAULTY) return send(service.failed(400, nonce, "the body is no JSON"));
      const cookie = headerValue(headers, "cookie");
      incoming.onGone(
        service.handle(route, { method, url: target, params, cookie, nonce, body: read }, send),
      );
      return;
    }
    send(service.failed(404, nonce, `no ${method} ${target} here`));
  };
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

interface Match {
  readonly route: RoleRoute;
  /** Undefined when the path is not the route's. */
  readonly params: (path: string) => Readonly<Record<string, string>> | undefined;
}

function createMatch(route: RoleRoute): Match {
  const { path } = route;
  if (path === "/*") return { route, params: () => NO_PARAMS };
  const colon = path.indexOf(":");
  if (colon < 0) return { route, params: (given) => (given === path ? NO_PARAMS : undefined) };
  const prefix = path.slice(0, colon);
  const name = path.slice(colon + 1);
  return {
    route,
    params: (given) =>
      given.startsWith(prefix) && !given.includes("/", prefix.length)
        ? { [name]: given.slice(prefix.length) }
        : undefined,
  };
}
