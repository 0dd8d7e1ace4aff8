import type { Clock } from "../../runtime/clock.ts";

/** An alert as the on-call person sees it. */
export interface Alert {
  readonly name: string;
  /** `page` wakes somebody up, `inform` is there to be read. */
  readonly severity: "page" | "inform";
  readonly summary: string;
  /** Epoch milliseconds. */
  readonly firedAt: number;
  readonly resolvedAt: number | undefined;
}

/** One rule: a value that is looked at every second, and for how long it must be over its limit. */
export interface PagerRule {
  readonly name: string;
  readonly severity: Alert["severity"];
  readonly forMs: number;
  /** Undefined: nothing can be said now, which neither fires nor resolves. */
  readonly evaluate: () => { readonly firing: boolean; readonly summary: string } | undefined;
}

export interface Pager {
  /** Looks at every rule once. */
  evaluate(): void;
  /** Every alert since the start, newest last. */
  readonly alerts: readonly Alert[];
}

export function createPager(
  rules: readonly PagerRule[],
  { clock, onFire }: { readonly clock: Clock; readonly onFire: (alert: Alert) => void },
): Pager {
  const alerts: Alert[] = [];
  const pendingSince = new Map<string, number>();
  const firing = new Map<string, number>();
  return {
    alerts,
    evaluate() {
      for (const rule of rules) {
        const seen = rule.evaluate();
        if (seen === undefined) continue;
        const at = firing.get(rule.name);
        if (!seen.firing) {
          pendingSince.delete(rule.name);
          const alert = at === undefined ? undefined : alerts[at];
          if (at !== undefined && alert) alerts[at] = { ...alert, resolvedAt: clock.wall() };
          firing.delete(rule.name);
          continue;
        }
        const since = pendingSince.get(rule.name) ?? clock.now();
        pendingSince.set(rule.name, since);
        if (at !== undefined || clock.now() - since < rule.forMs) continue;
        const alert: Alert = {
          name: rule.name,
          severity: rule.severity,
          summary: seen.summary,
          firedAt: clock.wall(),
          resolvedAt: undefined,
        };
        firing.set(rule.name, alerts.push(alert) - 1);
        onFire(alert);
      }
    },
  };
}
