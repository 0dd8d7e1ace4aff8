import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { AddressInfo } from "node:net";
import { NONCE_FIELD, ORIGIN_FIELD } from "../runtime/answer-proof.ts";
import type { BackendConfig } from "./config.ts";
import { createHttpDial } from "./http-dial.ts";
import { createHttpServer } from "./http-server.ts";
import type { AskedService, ServiceAnswer } from "./answers.ts";
import { createService, type Service, type ServiceDeps } from "./service.ts";
import { exposition, EXPOSITION_TYPE } from "../runtime/metrics/exposition.ts";

/** One toy backend, serving. */
export interface Backend {
  readonly host: string;
  /** The port it listens on; the system's choice where the configuration says 0. */
  readonly port: number;
  /** Takes no new connections; resolves when all requests in flight are answered, or after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/** Starts a backend on a real port. Rejects with the system's error when it cannot listen. */
export async function startBackend(config: BackendConfig, deps: Omit<ServiceDeps, "dial">): Promise<Backend> {
  const { clock, log } = deps;
  const app = createHttpServer(config.keepAlive);
  const dial = createHttpDial();
  const service = createService(config, { ...deps, dial: dial.get });
  let closing = false;

  function send(
    reply: FastifyReply,
    { status, type, setCookie, text, proof }: Omit<ServiceAnswer, "said">,
  ): void {
    reply.code(status).header("server", service.serverHeader).header("content-type", type);
    if (proof !== undefined) reply.header(ORIGIN_FIELD, proof);
    if (setCookie !== undefined) reply.header("set-cookie", setCookie);
    if (closing) reply.header("connection", "close");
    reply.send(text);
  }

  app.get("/healthz", (request, reply) => send(reply, service.health(askedBy(request))));
  app.get("/metrics", async (_request, reply) => {
    send(reply, {
      status: 200,
      type: EXPOSITION_TYPE,
      setCookie: undefined,
      text: await exposition(service.metrics.registry()),
      proof: undefined,
    });
    return reply;
  });
  app.setNotFoundHandler((request, reply) =>
    send(reply, service.failed(404, askedBy(request), `no ${request.method} ${request.url} here`)),
  );
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) log.error({ err: error.stack }, `a bug: ${error.message}`);
    send(reply, service.failed(status, askedBy(request), error.message));
  });
  addRoutes(app, service, send);

  const { host } = config;
  await app.listen({ host, port: config.port });
  const { port } = app.server.address() as AddressInfo;
  return {
    host,
    port,
    async close(graceMs) {
      closing = true;
      await new Promise<void>((resolve) => {
        const cancel = clock.after(graceMs, resolve);
        void app.close().then(() => (cancel(), resolve()));
      });
      app.server.closeAllConnections();
      service.stop();
      dial.close();
    },
  };
}

/** The routes of the backend's role, and what it does with bodies. */
function addRoutes(
  app: FastifyInstance,
  service: Pick<Service, "routes" | "ignoresBodies" | "handle">,
  send: (reply: FastifyReply, answer: ServiceAnswer) => void,
): void {
  if (service.ignoresBodies) {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser("*", (_request, payload, done) => {
      payload.resume();
      payload.once("end", () => done(null));
    });
  }
  for (const route of service.routes)
    app.route({
      method: route.method === "any" ? app.supportedMethods : route.method,
      url: route.path,
      handler(request, reply) {
        const { body, headers } = request;
        const { cookie } = headers;
        const params = request.params as Record<string, string>;
        const handled = service.handle(route, { ...askedBy(request), params, cookie, body }, (answer) =>
          send(reply, answer),
        );
        reply.raw.once("close", () => handled.leave());
      },
    });
}

function askedBy({ method, url, headers }: FastifyRequest): AskedService {
  const nonce = headers[NONCE_FIELD];
  return { method, url, nonce: typeof nonce === "string" ? nonce : undefined };
}
