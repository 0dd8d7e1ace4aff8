import { CodedError } from "../../runtime/errors.ts";
import { aborted } from "../../runtime/aborted.ts";
import type { UnitProcess } from "../../runtime/unit-process.ts";
import { formatFault, type Fault } from "../../runtime/yaml/fault.ts";
import type { EvaluatorConfig } from "./config.ts";
import type { ObserverMessage } from "./messages.ts";
import { parsePagerConfig, type PagerConfig } from "./pager/config.ts";
import type { Notification } from "./pager/notification.ts";
import type { QueryEngine } from "./promql/query.ts";
import { loadRules, type RuleGroup } from "./rules/rule-file.ts";
import type { TargetDeps } from "./scrape/target.ts";
import type { TextFile } from "./text-file.ts";
import { startWatching, type MonitoringParts } from "./watching.ts";

export interface EvaluatorEdges extends Pick<TargetDeps, "get"> {
  /** All files of alert rules, as they are now. Throws the error of reading them. */
  readRules(): readonly TextFile[];
  readPager(): TextFile;
  /** Serves Prometheus' and Alertmanager's APIs on this port. */
  serve(port: number, parts: MonitoringParts): Promise<{ close(): PromiseLike<unknown> }>;
  /** Notifies targets outside of the lab; returns at once and never throws. */
  notifyOthers(notification: Notification): void;
}

/** The evaluator as a unit: scrapes, evaluates the alert rules, pages, and serves Prometheus' API. */
export async function runEvaluator(
  unit: UnitProcess<EvaluatorConfig>,
  { get, readRules, readPager, serve, notifyOthers }: EvaluatorEdges,
): Promise<void> {
  const { clock, config, lifetime, log } = unit;
  const { port } = config;
  const send = (message: ObserverMessage): void => unit.send(message);
  const watching = startWatching(
    {
      ...config,
      rules: (engine) => rulesOf(readRules(), engine),
      pager: pagerConfigOf(readPager()),
    },
    {
      clock,
      get,
      onAlerts(alerts, changes) {
        for (const { alert, from, to } of changes)
          log.info({ labels: alert.labels, value: alert.value }, `${alert.name}: ${from} to ${to}`);
        send({ type: "alerts", alerts });
      },
      onNotification(notification) {
        send({ type: "notification", notification });
        notifyOthers(notification);
      },
      externalUrl: () => `http://127.0.0.1:${port}`,
    },
  );
  const server = await serve(port, watching.apis);
  unit.onReload(() => {
    try {
      watching.evaluator.reload(rulesOf(readRules(), watching.engine));
      log.info("rules read again");
    } catch (error) {
      log.error(`the rules stay as they were: ${String(error)}`);
    }
  });
  const cancelBegin = clock.after(config.beginAfterMs, () => watching.scraper.start());
  unit.ready({ port });
  await aborted(lifetime);
  cancelBegin();
  watching.stop();
  await server.close();
}

/** All rules of the files, or none. Throws CONFIG_INVALID with the faults of all files. */
function rulesOf(files: readonly TextFile[], engine: QueryEngine): readonly RuleGroup[] {
  const loaded = files.map(({ path, text }) => loadRules(text, path, engine));
  const faults = loaded.flatMap((one) => (one.ok ? [] : one.faults));
  if (faults.length > 0) throw refused(faults);
  return loaded.flatMap((one) => (one.ok ? one.groups : []));
}

function pagerConfigOf({ path, text }: TextFile): PagerConfig {
  const parsed = parsePagerConfig(text, path);
  if (parsed.ok) return parsed.config;
  throw refused(parsed.faults);
}

const refused = (faults: readonly Fault[]): CodedError =>
  new CodedError("CONFIG_INVALID", faults.map(formatFault).join("\n"));
