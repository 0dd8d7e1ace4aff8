import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { startMonitoringServer } from "../../lab/observe/api/server.ts";
import { parsePagerConfig } from "../../lab/observe/pager/config.ts";
import { loadRules } from "../../lab/observe/rules/rule-file.ts";
import { httpGet } from "../../lab/observe/scrape/http-get.ts";
import type { Target } from "../../lab/observe/scrape/target.ts";
import { startWatching, type MonitoringParts } from "../../lab/observe/watching.ts";
import { systemClock } from "../../runtime/clock.ts";

const ALERTMANAGER = join(import.meta.dirname, "..", "..", "dashboards", "alertmanager.yml");

const RETENTION_MS = 600_000;

export interface WatchedShop {
  readonly rulesFile: string;
  readonly intervalMs: number;
  readonly token?: string;
}

/** The evaluator's parts on real sockets, in this process: scrapes these targets, evaluates this rules file. */
export async function startWatchedShop(
  targets: readonly Target[],
  { rulesFile, intervalMs, token = "t" }: WatchedShop,
): Promise<{
  readonly url: string;
  readonly apis: MonitoringParts;
  readonly server: FastifyInstance;
  close(): Promise<void>;
}> {
  const pager = parsePagerConfig(readFileSync(ALERTMANAGER, "utf8"), ALERTMANAGER);
  if (!pager.ok) throw new Error("the pager's configuration is not in order");
  let port = 0;
  const watching = startWatching(
    {
      targets,
      rules(engine) {
        const rules = loadRules(readFileSync(rulesFile, "utf8"), rulesFile, engine);
        if (!rules.ok) throw new Error("the rules are not in order");
        return rules.groups;
      },
      pager: pager.config,
      intervalMs,
      retentionMs: RETENTION_MS,
      maxSeries: 10_000,
    },
    {
      clock: systemClock,
      get: httpGet,
      onAlerts() {},
      onNotification() {},
      externalUrl: () => `http://127.0.0.1:${port}`,
    },
  );
  watching.scraper.start();
  const server = await startMonitoringServer(0, { ...watching.apis, token });
  const address = server.server.address();
  port = typeof address === "object" && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    apis: watching.apis,
    server,
    async close() {
      watching.stop();
      await server.close();
    },
  };
}
