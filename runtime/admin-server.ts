import type { IncomingHttpHeaders } from "node:http";
import { fastify, type FastifyInstance } from "fastify";
import { createAdminGuard, type AdminAddress, type AdminRefusal, type AdminTokens } from "./admin-guard.ts";

/** How long a client of an admin surface may take over its request. */
export interface AdminServerLimits {
  readonly headersTimeoutMs: number;
  /** Head and body together. */
  readonly requestTimeoutMs: number;
}

export interface AdminServerConfig {
  /** Port 0: any free one. */
  readonly address: AdminAddress;
  /** Changes need it; without one nothing can be changed. */
  readonly token: string | AdminTokens | undefined;
  readonly bodyLimit: number;
  /** Whether closing waits for requests in flight (`idle`), or aborts them. */
  readonly closing: "idle" | "all";
  /** The body of a refusal, in the surface's own form. */
  readonly refused: (refusal: AdminRefusal) => object;
  readonly limits?: AdminServerLimits;
  /** Further header fields of every answer. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** An HTTP server for people and programs of this machine, guarded; routes are added before it listens. */
export interface AdminServer {
  readonly server: FastifyInstance;
  /** Resolves with the port. Throws the system's error (`EADDRINUSE`). */
  listen(): Promise<number>;
}

const LIMITS: AdminServerLimits = { headersTimeoutMs: 10_000, requestTimeoutMs: 30_000 };

/** A route that only reads although its method is POST, as Prometheus' queries by form, has this in its `config`. */
export const READS = { reads: true } as const;

/** A page that may be opened by a link from anywhere, as a tab of its own, has this in its route's `config`: it shows nothing yet. */
export const OPENS = { opens: true } as const;

/** The base of every admin surface of the project: the guard before anything is read, and bounds on a request. */
export function createAdminServer(config: AdminServerConfig): AdminServer {
  const { address, token, bodyLimit, closing, refused, limits = LIMITS, headers: more = {} } = config;
  const { headersTimeoutMs, requestTimeoutMs } = limits;
  const server = fastify({
    bodyLimit,
    requestTimeout: requestTimeoutMs,
    forceCloseConnections: closing === "idle" ? "idle" : true,
    exposeHeadRoutes: true,
    http: {
      headersTimeout: headersTimeoutMs,
      connectionsCheckingInterval: Math.ceil(Math.min(headersTimeoutMs, requestTimeoutMs) / 4),
    },
  });
  // Node would hide header fields past a limit from us and obey them all the same; it bounds the head's bytes itself.
  server.server.maxHeadersCount = 0;

  let guard = createAdminGuard(address, token);
  server.addHook("onRequest", async ({ method, headers, raw, routeOptions }, reply) => {
    void reply.header("cache-control", "no-store").header("x-content-type-options", "nosniff").headers(more);
    const { reads, opens } = (routeOptions.config ?? {}) as { reads?: boolean; opens?: boolean };
    const { "sec-fetch-site": _site, ...siteless } = headers;
    const refusal = guard({
      method: reads === true ? "GET" : method,
      headers: opens === true && isOpened(headers) ? siteless : headers,
      rawHeaders: raw.rawHeaders,
    });
    if (refusal === undefined) return undefined;
    if (refusal.status === 401) void reply.header("www-authenticate", "Bearer");
    // Its body stays unread, and would be taken for the next request on this connection.
    return reply.code(refusal.status).header("connection", "close").send(refused(refusal));
  });

  return {
    server,
    async listen() {
      await server.listen({ host: address.host, port: address.port });
      const bound = server.server.address();
      const port = typeof bound === "object" && bound !== null ? bound.port : address.port;
      guard = createAdminGuard({ ...address, port }, token);
      return port;
    },
  };
}

/** A tab goes there; a frame, a script and a fetch say something else. */
const isOpened = (headers: IncomingHttpHeaders): boolean =>
  headers["sec-fetch-mode"] === "navigate" && headers["sec-fetch-dest"] === "document";
