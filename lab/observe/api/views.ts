import { formatValue } from "../promql/aggregate.ts";
import type { AlertInstance } from "../rules/alert.ts";
import type { GroupState, RuleState } from "../rules/rule-evaluator.ts";
import type { TargetState } from "../scrape/target.ts";

/** Rules, alerts and targets in the shapes of Prometheus' HTTP API. */

const iso = (at: number | undefined): string =>
  at === undefined ? "0001-01-01T00:00:00Z" : new Date(at).toISOString();

export const alertViews = (active: readonly AlertInstance[]) =>
  active.map(({ labels, annotations, state, activeAt, value }) => ({
    labels,
    annotations,
    state,
    activeAt: iso(activeAt),
    value: formatValue(value),
  }));

export const ruleGroupViews = (groups: readonly GroupState[], intervalMs: number) =>
  groups.map(({ group, rules }) => ({
    name: group.name,
    file: group.file,
    rules: rules.map(ruleView),
    interval: (group.intervalMs ?? intervalMs) / 1000,
    limit: 0,
    evaluationTime: rules.reduce((sum, { evaluationMs }) => sum + evaluationMs, 0) / 1000,
    lastEvaluation: iso(rules[0]?.evaluatedAt),
  }));

function ruleView({ rule, health, lastError, evaluatedAt, evaluationMs, active }: RuleState) {
  const common = {
    name: rule.name,
    query: rule.query.expression,
    health: health === "unknown" ? "unknown" : health,
    ...(lastError === undefined ? {} : { lastError }),
    evaluationTime: evaluationMs / 1000,
    lastEvaluation: iso(evaluatedAt),
  };
  if (rule.kind === "record") return { ...common, labels: rule.labels, type: "recording" };
  const state = active.some((alert) => alert.state === "firing")
    ? "firing"
    : active.length > 0
      ? "pending"
      : "inactive";
  return {
    ...common,
    state,
    duration: rule.forMs / 1000,
    keepFiringFor: rule.keepFiringForMs / 1000,
    labels: rule.written.labels,
    annotations: rule.written.annotations,
    alerts: alertViews(active),
    type: "alerting",
  };
}

export const targetViews = (targets: readonly TargetState[], intervalMs: number) => ({
  activeTargets: targets.map(({ job, instance, url, health, lastError, lastScrapeAt, lastScrapeMs }) => ({
    discoveredLabels: { __address__: instance, __metrics_path__: "/metrics", __scheme__: "http", job },
    labels: { instance, job },
    scrapePool: job,
    scrapeUrl: url,
    globalUrl: url,
    lastError,
    lastScrape: iso(lastScrapeAt),
    lastScrapeDuration: lastScrapeMs / 1000,
    health,
    scrapeInterval: `${intervalMs / 1000}s`,
    scrapeTimeout: `${intervalMs / 1000}s`,
  })),
  droppedTargets: [],
});
