import type { MonitoringServerDeps } from "./api/server.ts";
import { startEvaluator, type Evaluator, type EvaluatorDeps } from "./evaluator.ts";
import { createOwnMetrics } from "./own-metrics.ts";
import type { PagerConfig } from "./pager/config.ts";
import { createQueryEngine } from "./promql/engine.ts";
import type { QueryEngine } from "./promql/query.ts";
import type { RuleGroup } from "./rules/rule-file.ts";
import { createSampleStore } from "./sample-store.ts";
import { createScraper, type Scraper } from "./scrape/scraper.ts";
import type { Target, TargetDeps } from "./scrape/target.ts";

export interface WatchingConfig {
  readonly targets: readonly Target[];
  /** The rules, compiled for the engine that evaluates them. */
  readonly rules: (engine: QueryEngine) => readonly RuleGroup[];
  readonly pager: PagerConfig;
  readonly intervalMs: number;
  readonly retentionMs: number;
  readonly maxSeries: number;
}

export interface WatchingDeps
  extends Pick<EvaluatorDeps, "clock" | "onAlerts" | "onNotification">, Pick<TargetDeps, "get"> {
  /** Base URL of the APIs. A function, as their port may be any free one. */
  readonly externalUrl: () => string;
}

/** The parts behind Prometheus' and Alertmanager's APIs, over HTTP or without. */
export type MonitoringParts = Omit<MonitoringServerDeps, "token">;

/** Scraper, rules and pager over one store of samples, and what their APIs are made from. Evaluates at once, scrapes from `scraper.start`. */
export interface Watching {
  readonly engine: QueryEngine;
  readonly evaluator: Evaluator;
  readonly scraper: Scraper;
  readonly apis: MonitoringParts;
  stop(): void;
}

export function startWatching(config: WatchingConfig, deps: WatchingDeps): Watching {
  const { targets, rules, pager, intervalMs, retentionMs, maxSeries } = config;
  const { clock, get, externalUrl } = deps;
  const store = createSampleStore({ retentionMs, maxSeries });
  const engine = createQueryEngine(store, { subqueryStepMs: intervalMs });
  const scraper = createScraper({ targets, intervalMs }, { clock, store, get });
  const evaluator = startEvaluator({ groups: rules(engine), pager, intervalMs }, { ...deps, store, engine });
  const states = () => scraper.targets;
  return {
    engine,
    evaluator,
    scraper,
    apis: {
      clock,
      store,
      engine,
      rules: evaluator.rules,
      pager: evaluator.pager,
      targets: states,
      intervalMs,
      retentionMs,
      startedAt: clock.wall(),
      externalUrl,
      ownMetrics: createOwnMetrics({ store, rules: evaluator.rules, targets: states }),
    },
    stop() {
      scraper.stop();
      evaluator.stop();
    },
  };
}
