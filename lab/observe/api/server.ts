import type { FastifyInstance } from "fastify";
import { createAdminServer } from "../../../runtime/admin-server.ts";
import type { Pager } from "../pager/pager.ts";
import { addPages } from "./pages.ts";
import { addAlertmanagerApi } from "./alertmanager/api.ts";
import { addPrometheusApi, type PrometheusApiDeps } from "./prometheus/api.ts";

export interface MonitoringServerDeps extends PrometheusApiDeps {
  readonly pager: Pager;
  readonly token: string;
  /** The evaluator's own metrics, as a text exposition. */
  readonly ownMetrics: () => string;
}

const MAX_BODY_BYTES = 1024 * 1024;

/** Prometheus' and Alertmanager's APIs on one port of the loopback: reading is open, silencing needs the run's token. */
export async function startMonitoringServer(
  port: number,
  deps: MonitoringServerDeps,
): Promise<FastifyInstance> {
  const { server, listen } = createAdminServer({
    address: { host: "127.0.0.1", port },
    token: deps.token,
    bodyLimit: MAX_BODY_BYTES,
    closing: "all",
    refused: ({ message }) => ({ status: "error", errorType: "forbidden", error: message }),
  });
  addPrometheusApi(server, deps);
  addAlertmanagerApi(server, deps);
  addPages(server, deps);
  server.get("/metrics", (_request, reply) =>
    reply.type("text/plain; version=0.0.4; charset=utf-8").send(deps.ownMetrics()),
  );
  await listen();
  return server;
}
