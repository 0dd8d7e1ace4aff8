import { every, type Cancel, type Clock } from "../../runtime/clock.ts";
import type { ActiveAlert } from "./alert-log.ts";
import { createEvaluationTimes } from "./evaluation-times.ts";
import type { PagerConfig } from "./pager/config.ts";
import type { Notification } from "./pager/notification.ts";
import { createPager, type Pager } from "./pager/pager.ts";
import type { QueryEngine } from "./promql/query.ts";
import type { AlertTransition } from "./rules/alert.ts";
import { createRuleEvaluator, type RuleEvaluator } from "./rules/rule-evaluator.ts";
import type { RuleGroup } from "./rules/rule-file.ts";
import type { SampleStore } from "./samples.ts";

export interface EvaluatorConfig {
  readonly groups: readonly RuleGroup[];
  readonly pager: PagerConfig;
  readonly intervalMs: number;
}

export interface EvaluatorDeps {
  readonly clock: Clock;
  readonly store: SampleStore;
  /** For the queries of templates. */
  readonly engine: QueryEngine;
  /** Called with all pending and firing alerts after every evaluation that changed or confirmed them. */
  readonly onAlerts: (alerts: readonly ActiveAlert[], changes: readonly AlertTransition[]) => void;
  readonly onNotification: (notification: Notification) => void;
  /** Base URL of the evaluator's pages; absent: none. A function, as its port may be any free one. */
  readonly externalUrl?: () => string;
}

/** Rules and pager together, evaluated periodically. */
export interface Evaluator {
  readonly rules: RuleEvaluator;
  readonly pager: Pager;
  /** Replaces the rules; alerts of unchanged rules are kept. */
  reload(groups: readonly RuleGroup[]): void;
  stop(): void;
}

export function startEvaluator(
  { groups, pager: pagerConfig, intervalMs }: EvaluatorConfig,
  deps: EvaluatorDeps,
): Evaluator {
  const { clock, store, engine, onAlerts, onNotification, externalUrl = () => "" } = deps;
  const rules = createRuleEvaluator({ groups, intervalMs }, { store, engine, clock, externalUrl });
  const timeOf = createEvaluationTimes(clock);
  const pager = createPager(pagerConfig, { clock, onNotification, externalUrl });
  let reported = false;

  function evaluate(aimedAt: number): void {
    const at = timeOf(aimedAt);
    const changes = rules.evaluate(at);
    const { active } = rules;
    pager.observe(active, at);
    // Still no alert: nothing to report.
    if (active.length === 0 && !reported) return;
    reported = active.length > 0;
    onAlerts(
      active.map((alert) => ({
        ...alert,
        suppressed: suppressionOf(alert.state === "firing", alert.labels),
      })),
      changes,
    );
  }

  function suppressionOf(firing: boolean, labels: ActiveAlert["labels"]): ActiveAlert["suppressed"] {
    if (!firing) return undefined;
    const { inhibitedBy, silencedBy } = pager.suppression(labels);
    return silencedBy.length > 0 ? "silenced" : inhibitedBy.length > 0 ? "inhibited" : undefined;
  }

  /** Starts a timer for each interval of a group, and for the evaluator's own. */
  function startTimers(): Cancel {
    const own = rules.groups.map(({ group }) => group.intervalMs ?? intervalMs);
    const timers = [...new Set([intervalMs, ...own])].map((ms) => every(clock, ms, evaluate));
    return () => timers.forEach((cancel) => cancel());
  }

  let stopTimers = startTimers();
  return {
    rules,
    pager,
    reload(next) {
      rules.reload(next);
      stopTimers();
      stopTimers = startTimers();
    },
    stop() {
      stopTimers();
      pager.stop();
    },
  };
}
