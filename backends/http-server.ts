import { fastify, type FastifyInstance } from "fastify";
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { announcedMs, type KeepAlive } from "./config.ts";

// No route has a schema, and loading the two compilers would cost each process some megabytes.
const noCompiler = () => () => {
  throw new Error("routes here have no schemas");
};

/**
 * A fastify server that sends nothing of its own accord: no timeout closes or answers a connection but that of
 * `keepAlive`, no logging per request, and bytes that are no request end their connection.
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
  // fastify takes 0 for "not set". Whoever pools connections to us decides how long they live, unless we are to.
  server.keepAliveTimeout = keepAlive?.idleMs ?? 0;
  // Newer versions of node wait a second longer than they say.
  Object.assign(server, { keepAliveTimeoutBuffer: 0 });
  // node announces its timeout only where nothing was said of the connection.
  if (keepAlive && announcedMs(keepAlive) === undefined)
    server.prependListener("request", (_request, response: ServerResponse) => {
      if (response.shouldKeepAlive) response.setHeader("connection", "keep-alive");
    });
  server.maxHeadersCount = 0;
  return app;
}
