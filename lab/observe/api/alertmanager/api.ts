import type { FastifyInstance } from "fastify";
import type { Clock } from "../../../../runtime/clock.ts";
import type { Pager } from "../../pager/pager.ts";
import { addAlertEndpoints } from "./alerts.ts";
import { addSilenceEndpoints } from "./silences.ts";

export interface AlertmanagerApiDeps {
  readonly clock: Clock;
  readonly pager: Pager;
  /** Epoch ms. */
  readonly startedAt: number;
}

/** The part of Alertmanager's API v2 that amtool, Grafana and alert dashboards use: alerts and silences. */
export function addAlertmanagerApi(server: FastifyInstance, deps: AlertmanagerApiDeps): void {
  const { clock, pager, startedAt } = deps;
  addAlertEndpoints(server, { clock, pager });
  addSilenceEndpoints(server, { clock, silences: pager.silences });
  server.get("/api/v2/receivers", () => pager.config.receivers.map(({ name }) => ({ name })));
  server.get("/api/v2/status", () => ({
    cluster: { status: "disabled", peers: [] },
    config: { original: pager.config.text },
    uptime: new Date(startedAt).toISOString(),
    versionInfo: {
      version: "0.25.0",
      revision: "lblab",
      branch: "",
      buildUser: "",
      buildDate: "",
      goVersion: "",
    },
  }));
}
