import { fastify, type FastifyInstance } from "fastify";
import type { Socket } from "node:net";

// No route has a schema, and loading the two compilers would cost each process some megabytes.
const noCompiler = () => () => {
  throw new Error("routes here have no schemas");
};

/**
 * A fastify server that sends nothing of its own accord: no timeout closes or answers a connection,
 * no logging per request, and bytes that are no request end their connection.
 */
export function createHttpServer(): FastifyInstance {
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
  // fastify takes 0 for "not set". Whoever pools connections to us decides how long they live.
  server.keepAliveTimeout = 0;
  server.maxHeadersCount = 0;
  return app;
}
