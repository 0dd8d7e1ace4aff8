import { every, type Clock } from "../../runtime/clock.ts";
import type { ActiveAlert } from "./alert-log.ts";
import type { PagerConfig } from "./pager/config.ts";
import type { Notification } from "./pager/notification.ts";
import { createPager, type Pager } from "./pager/pager.ts";
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
  /** All that is pending or firing, after every evaluation that has something to say. */
  readonly onAlerts: (alerts: readonly ActiveAlert[], changes: readonly AlertTransition[]) => void;
  readonly onNotification: (notification: Notification) => void;
}

/** Rules and pager together, evaluated again and again. */
export interface Evaluator {
  readonly rules: RuleEvaluator;
  readonly pager: Pager;
  stop(): void;
}

export function startEvaluator(
  { groups, pager: pagerConfig, intervalMs }: EvaluatorConfig,
  deps: EvaluatorDeps,
): Evaluator {
  const { clock, store, onAlerts, onNotification } = deps;
  const rules = createRuleEvaluator(groups, { store, clock });
  const pager = createPager(pagerConfig, { clock, onNotification });
  let told = false;

  function evaluate(): void {
    const at = clock.wall();
    const changes = rules.evaluate(at);
    const { active } = rules;
    pager.observe(active, at);
    // Nothing and again nothing is no news.
    if (active.length === 0 && !told) return;
    told = active.length > 0;
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

  const stop = every(clock, intervalMs, evaluate);
  return {
    rules,
    pager,
    stop() {
      stop();
      pager.stop();
    },
  };
}
