import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readToken } from "../../runtime/admin-guard.ts";
import { CodedError } from "../../runtime/errors.ts";
import { aborted, runUnit, type UnitProcess } from "../../runtime/unit-process.ts";
import { formatFault, type Fault } from "../../runtime/yaml/fault.ts";
import { startMonitoringServer } from "./api/server.ts";
import { evaluatorConfig, type EvaluatorConfig } from "./config.ts";
import { startEvaluator } from "./evaluator.ts";
import { createOwnMetrics } from "./own-metrics.ts";
import { parsePagerConfig, type PagerConfig } from "./pager/config.ts";
import { createQueryEngine } from "./promql/engine.ts";
import type { QueryEngine } from "./promql/query.ts";
import { loadRules, type RuleGroup } from "./rules/rule-file.ts";
import { createSampleStore } from "./sample-store.ts";
import { httpGet } from "./scrape/http-get.ts";
import { createScraper } from "./scrape/scraper.ts";

/** The evaluator as a unit: scrapes, evaluates the alert rules, pages, and answers what Prometheus would. */
async function main(unit: UnitProcess<EvaluatorConfig>): Promise<void> {
  const { clock, config, lifetime, log } = unit;
  const { intervalMs, retentionMs, maxSeries, targets, port } = config;
  const store = createSampleStore({ retentionMs, maxSeries });
  const engine = createQueryEngine(store);
  const scraper = createScraper({ targets, intervalMs }, { clock, store, get: httpGet });
  const evaluator = startEvaluator(
    { groups: readRules(config.rules, engine), pager: readPagerConfig(config.alertmanager), intervalMs },
    {
      clock,
      store,
      onAlerts(alerts, changes) {
        for (const { alert, from, to } of changes)
          log.info({ labels: alert.labels, value: alert.value }, `${alert.name}: ${from} to ${to}`);
        unit.send({ type: "alerts", alerts });
      },
      onNotification: (notification) => unit.send({ type: "told", notification }),
    },
  );
  const server = await startMonitoringServer(port, {
    clock,
    store,
    engine,
    rules: evaluator.rules,
    targets: () => scraper.targets,
    intervalMs,
    pager: evaluator.pager,
    token: readToken(config.tokenPath),
    ownMetrics: createOwnMetrics({ store, rules: evaluator.rules }),
  });
  unit.onReload(() => {
    try {
      evaluator.rules.reload(readRules(config.rules, engine));
      log.info("rules read again");
    } catch (error) {
      log.error(`the rules stay as they were: ${String(error)}`);
    }
  });
  const cancelBegin = clock.after(config.beginAfterMs, () => scraper.start());
  unit.ready({ port });
  await aborted(lifetime);
  cancelBegin();
  scraper.stop();
  evaluator.stop();
  await server.close();
}

/** All rule files of the directory, or none: what is wrong in any of them is told of all. Throws CONFIG_INVALID. */
function readRules(directory: string, engine: QueryEngine): readonly RuleGroup[] {
  const files = readdirSync(directory).filter((name) => name.endsWith(".rules.yml"));
  const loaded = files.map((name) => {
    const path = join(directory, name);
    return loadRules(readFileSync(path, "utf8"), path, engine);
  });
  const faults = loaded.flatMap((one) => (one.ok ? [] : one.faults));
  if (faults.length > 0) throw refused(faults);
  return loaded.flatMap((one) => (one.ok ? one.groups : []));
}

function readPagerConfig(path: string): PagerConfig {
  const parsed = parsePagerConfig(readFileSync(path, "utf8"), path);
  if (parsed.ok) return parsed.config;
  throw refused(parsed.faults);
}

const refused = (faults: readonly Fault[]): CodedError =>
  new CodedError("CONFIG_INVALID", faults.map(formatFault).join("\n"));

runUnit((raw) => evaluatorConfig.parse(raw), main);
