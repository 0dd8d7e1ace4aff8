import { fastify, type FastifyInstance } from "fastify";
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { announcedMs, type KeepAlive } from "./config.ts";

// No route has a schema, and loading the two compilers would cost each process some megabytes.
const noCompiler = () => () => {
  throw new Error("routes here have no schemas");
};

/**
 * A fastify server without behaviour of its own: no timeout closes or answers a connection but that of `keepAlive`, no
 * logging per request, and bytes that are no request close their connection.
 */
export function createHttpServer(keepAlive?: KeepAlive): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: 16 * 1024,
    return503OnClosing: false,
    clientErrorHandler: (_error: Error, socket: Socket) => socket.destroy(),
    schemaController: { compilersFactory: { buildValidator: noCompiler, buildSerializer: noCompiler } },
  });
  const { server } = app;
  server.timeout = 0;
  server.requestTimeout = 0;
  server.headersTimeout = 0;
  // fastify takes 0 for "not set". The client's pool decides how long connections live, unless `keepAlive` is set.
  server.keepAliveTimeout = keepAlive?.idleMs ?? 0;
  // Newer versions of Node wait a second longer than they announce.
  Object.assign(server, { keepAliveTimeoutBuffer: 0 });
  // Node announces its timeout only where the answer has no Connection field.
  if (keepAlive && announcedMs(keepAlive) === undefined)
    server.prependListener("request", (_request, response: ServerResponse) => {
      if (response.shouldKeepAlive) response.setHeader("connection", "keep-alive");
    });
  server.maxHeadersCount = 0;
  return app;
}
