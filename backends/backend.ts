import type { FastifyReply, FastifyRequest } from "fastify";
import type { AddressInfo } from "node:net";
import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import type { Random } from "../runtime/random.ts";
import { createCaller } from "./call.ts";
import { createCapacity } from "./capacity.ts";
import type { BackendConfig } from "./config.ts";
import { createHttpServer } from "./http-server.ts";
import { createBackendMetrics } from "./metrics.ts";
import { loadRole } from "./roles/index.ts";
import { createSecondLog } from "./second-log.ts";
import { createSessions } from "./sessions.ts";
import type { Fields, Toolkit } from "./toolkit.ts";

/** One toy backend, serving. */
export interface Backend {
  readonly host: string;
  /** The port it listens on; the system's choice where the configuration says 0. */
  readonly port: number;
  /** Takes no new connections; resolves when all answers under way are given, or after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

export interface BackendDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Ends the process, at once and without a word to anybody connected. */
  readonly crash: () => void;
}

const CALL_TIMEOUT_MS = 2000;
const SESSION_SECONDS = 600;
const JSON_TYPE = "application/json; charset=utf-8";

/** Starts a backend. Rejects with the system's error when it cannot listen. */
export async function startBackend(config: BackendConfig, deps: BackendDeps): Promise<Backend> {
  const { name, role, version } = config;
  const { clock, random, log } = deps;
  const installRole = await loadRole(role);
  const app = createHttpServer();
  const capacity = createCapacity(config.capacity, {
    clock,
    random: random.fork("capacity"),
    onCrash() {
      log.fatal({ refused: capacity.refused, queued: capacity.queued }, "out of workers, exiting");
      deps.crash();
    },
  });
  const sessions =
    role === "auth"
      ? createSessions(
          { meanSeconds: config.sessionSeconds ?? SESSION_SECONDS },
          { clock, random: random.fork("sessions") },
        )
      : undefined;
  const metrics = createBackendMetrics(config, capacity, sessions);
  const warn = createSecondLog({ clock, log });
  const caller = createCaller({ timeoutMs: config.timeoutMs ?? CALL_TIMEOUT_MS, clock, warn });
  // A program of another team goes by its own name.
  const serverHeader = `${role === "site" ? name : role}/${version}`;
  let closing = false;

  function send(reply: FastifyReply, status: number, type: string, text: string): void {
    reply.code(status).header("server", serverHeader).header("content-type", type);
    if (closing) reply.header("connection", "close");
    reply.send(text);
  }

  function identity(request: FastifyRequest) {
    return { backend: name, role, version, nonce: request.headers["x-nonce"] ?? null };
  }

  const toolkit: Toolkit = {
    config,
    app,
    clock,
    metrics,
    caller,
    sessions,
    answer(request: FastifyRequest, reply: FastifyReply, status: number, fields: Fields) {
      metrics.answered(status);
      send(reply, status, JSON_TYPE, JSON.stringify({ ...identity(request), ...fields }));
    },
    answerText(reply, status, type, text) {
      metrics.answered(status);
      send(reply, status, type, text);
    },
    serve(request, reply, work) {
      if (capacity.admit(work)) {
        reply.raw.once("close", () => capacity.cancel(work));
        return;
      }
      warn("queue full, refused");
      if (work.refuse) work.refuse();
      else toolkit.answer(request, reply, 503, { error: "queue full" });
    },
  };

  app.get("/healthz", (request, reply) =>
    send(reply, 200, JSON_TYPE, JSON.stringify({ ...identity(request), status: "ok" })),
  );
  app.get("/metrics", async (_request, reply) => {
    send(reply, 200, metrics.contentType, await metrics.text());
    return reply;
  });
  app.setNotFoundHandler((request, reply) =>
    toolkit.answer(request, reply, 404, { error: `no ${request.method} ${request.url} here` }),
  );
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) log.error({ err: error.stack }, `a bug: ${error.message}`);
    toolkit.answer(request, reply, status, { error: error.message });
  });
  installRole(toolkit);

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
      capacity.stop();
      caller.close();
    },
  };
}
