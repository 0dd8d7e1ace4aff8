import Fastify, { type FastifyInstance } from "fastify";
import { createAdminGuard } from "../../../runtime/admin-guard.ts";
import type { Pager } from "../pager/pager.ts";
import { addAlertmanagerApi } from "./alertmanager-api.ts";
import { addPrometheusApi, type PrometheusApiDeps } from "./prometheus-api.ts";

export interface MonitoringServerDeps extends PrometheusApiDeps {
  readonly pager: Pager;
  readonly token: string;
  /** The evaluator's own metrics, as a text exposition. */
  readonly ownMetrics: () => string;
}

/** Prometheus' and Alertmanager's APIs on one port of the loopback: asking is free, silencing needs the run's token. */
export async function startMonitoringServer(
  port: number,
  deps: MonitoringServerDeps,
): Promise<FastifyInstance> {
  const server = Fastify({ bodyLimit: 1024 * 1024, forceCloseConnections: true });
  let guard = createAdminGuard({ host: "127.0.0.1", port }, deps.token);
  server.addHook("onRequest", async (request, reply) => {
    const reads = (request.routeOptions.config as { reads?: boolean } | undefined)?.reads === true;
    const refusal = guard(reads ? "GET" : request.method, request.headers);
    if (refusal === undefined) return undefined;
    return reply.code(refusal.status).header("connection", "close").send({
      status: "error",
      errorType: "forbidden",
      error: refusal.message,
    });
  });
  addPrometheusApi(server, deps);
  addAlertmanagerApi(server, deps);
  server.get("/metrics", (_request, reply) =>
    reply.type("text/plain; version=0.0.4; charset=utf-8").send(deps.ownMetrics()),
  );
  await server.listen({ host: "127.0.0.1", port });
  const address = server.server.address();
  if (port === 0 && typeof address === "object" && address)
    guard = createAdminGuard({ host: "127.0.0.1", port: address.port }, deps.token);
  return server;
}
