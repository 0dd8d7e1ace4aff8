import type { MetricRegistry } from "../../runtime/metrics/registry.ts";

/** What the guards of the configuration count. Series begin with what happens: an unguarded balancer has none of them. */
export function declareRolloutMetrics({ counter, gauge }: Pick<MetricRegistry, "counter" | "gauge">) {
  return {
    refused: counter(
      "lb_config_refused_total",
      "Changes of the configuration and of upstreams that a guard refused, by why",
      "reason",
    ),
    emergencies: counter("lb_config_emergencies_total", "Changes past every guard, by their way", "way"),
    frozen: gauge("lb_config_frozen", "1 while changes are frozen"),
    verdicts: counter(
      "lb_config_verdicts_total",
      "Versions that were watched to a verdict: baked, worse or inconclusive",
      "verdict",
    ),
    watching: gauge("lb_config_watching", "1 while the version in force is watched"),
    rollbacks: counter(
      "lb_config_automatic_rollbacks_total",
      "Rollbacks that the watch asked for, by what came of them: done, failed, or no version to go back to",
      "result",
    ),
    proposals: gauge("lb_config_proposals", "Proposals that wait for a reviewer"),
    auditProblems: gauge(
      "lb_config_audit_problems",
      "What the last audit found: differences from what was reviewed and filed, findings of lint",
      "kind",
    ),
    auditedAt: gauge("lb_config_audit_timestamp_seconds", "Unix time of the last audit", "kind"),
    notLogged: counter("lb_config_log_failed_total", "Lines that the change log could not take"),
  };
}

export type RolloutMetrics = ReturnType<typeof declareRolloutMetrics>;

/** Makes the series that alerts watch, so that they begin at 0: what appears with its first event has not risen. */
export function beginRolloutMetrics(metrics: RolloutMetrics, reasons: readonly string[]): void {
  for (const reason of reasons) metrics.refused.of(reason);
  for (const way of ["apply", "rollback", "approved", "start", "upstream"]) metrics.emergencies.of(way);
  for (const verdict of ["baked", "worse", "inconclusive"]) metrics.verdicts.of(verdict);
  for (const result of ["done", "failed", "nowhere"]) metrics.rollbacks.of(result);
}
