import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { createSampleStore } from "../../lab/observe/sample-store.ts";
import { startMonitoringServer } from "../../lab/observe/api/server.ts";
import { startEvaluator } from "../../lab/observe/evaluator.ts";
import { createOwnMetrics } from "../../lab/observe/own-metrics.ts";
import { parsePagerConfig } from "../../lab/observe/pager/config.ts";
import { createQueryEngine } from "../../lab/observe/promql/engine.ts";
import { loadRules } from "../../lab/observe/rules/rule-file.ts";
import { httpGet } from "../../lab/observe/scrape/http-get.ts";
import { createScraper } from "../../lab/observe/scrape/scraper.ts";
import type { Target } from "../../lab/observe/scrape/target.ts";
import { systemClock } from "../../runtime/clock.ts";

const ALERTMANAGER = join(import.meta.dirname, "..", "..", "dashboards", "alertmanager.yml");

const RETENTION_MS = 600_000;

export interface Watching {
  readonly rulesFile: string;
  readonly intervalMs: number;
  readonly token?: string;
}

/** The evaluator's parts on real sockets, in this process: scrapes these targets, evaluates this rules file. */
export async function startWatching(
  targets: readonly Target[],
  { rulesFile, intervalMs, token = "t" }: Watching,
): Promise<{ readonly url: string; readonly server: FastifyInstance; close(): Promise<void> }> {
  const store = createSampleStore({ retentionMs: RETENTION_MS, maxSeries: 10_000 });
  const engine = createQueryEngine(store);
  const rules = loadRules(readFileSync(rulesFile, "utf8"), rulesFile, engine);
  const pager = parsePagerConfig(readFileSync(ALERTMANAGER, "utf8"), ALERTMANAGER);
  if (!rules.ok || !pager.ok) throw new Error("rules or pager are not in order");
  let port = 0;
  const externalUrl = (): string => `http://127.0.0.1:${port}`;
  const evaluator = startEvaluator(
    { groups: rules.groups, pager: pager.config, intervalMs },
    { clock: systemClock, store, engine, onAlerts() {}, onNotification() {}, externalUrl },
  );
  const scraper = createScraper({ targets, intervalMs }, { clock: systemClock, store, get: httpGet });
  scraper.start();
  const server = await startMonitoringServer(0, {
    clock: systemClock,
    store,
    engine,
    rules: evaluator.rules,
    targets: () => scraper.targets,
    intervalMs,
    pager: evaluator.pager,
    token,
    externalUrl,
    startedAt: systemClock.wall(),
    retentionMs: RETENTION_MS,
    ownMetrics: createOwnMetrics({ store, rules: evaluator.rules, targets: () => scraper.targets }),
  });
  const address = server.server.address();
  port = typeof address === "object" && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    server,
    async close() {
      scraper.stop();
      evaluator.stop();
      await server.close();
    },
  };
}
