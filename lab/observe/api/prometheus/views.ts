import type { AlertInstance } from "../../rules/alert.ts";
import type { GroupState, RuleState } from "../../rules/rule-evaluator.ts";
import type { MetricMetadata } from "../../scrape/metadata.ts";
import type { TargetState } from "../../scrape/target.ts";
import { durationText } from "../../promql/duration-text.ts";
import { alertValueText } from "./values.ts";

/** Rules, alerts and targets in the shapes of Prometheus' HTTP API. */

const iso = (at: number | undefined): string =>
  at === undefined ? "0001-01-01T00:00:00Z" : new Date(at).toISOString();

export const alertViews = (active: readonly AlertInstance[]) =>
  active.map(({ labels, annotations, state, activeAt, keptSince, value }) => ({
    labels,
    annotations,
    state,
    activeAt: iso(activeAt),
    ...(keptSince === undefined ? {} : { keepFiringSince: iso(keptSince) }),
    value: alertValueText(value),
  }));

/** `kind` leaves out the others. */
export const ruleGroupViews = (
  groups: readonly GroupState[],
  intervalMs: number,
  kind: "alert" | "record" | undefined,
) =>
  groups.map(({ group, rules }) => ({
    name: group.name,
    file: group.file,
    rules: rules.filter(({ rule }) => kind === undefined || rule.kind === kind).map(ruleView),
    interval: (group.intervalMs ?? intervalMs) / 1000,
    limit: group.limit,
    evaluationTime: rules.reduce((sum, { evaluationMs }) => sum + evaluationMs, 0) / 1000,
    lastEvaluation: iso(rules[0]?.evaluatedAt),
  }));

function ruleView({ rule, health, lastError, evaluatedAt, evaluationMs, active }: RuleState) {
  const common = {
    name: rule.name,
    query: rule.query.expression,
    health,
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
    discoveredLabels: {
      __address__: instance,
      __metrics_path__: "/metrics",
      __scheme__: "http",
      __scrape_interval__: durationText(intervalMs),
      __scrape_timeout__: durationText(intervalMs),
      job,
    },
    labels: { instance, job },
    scrapePool: job,
    scrapeUrl: url,
    globalUrl: url,
    lastError,
    lastScrape: iso(lastScrapeAt),
    lastScrapeDuration: lastScrapeMs / 1000,
    health,
    scrapeInterval: durationText(intervalMs),
    scrapeTimeout: durationText(intervalMs),
  })),
  droppedTargets: [],
});

/** Metadata of metrics by all targets; where they disagree, each variant. A negative limit means no limit. */
export function metadataView(targets: readonly TargetState[], metric: string | undefined, limit: number) {
  const found = new Map<string, Map<string, unknown>>();
  for (const one of targets.flatMap((target) => target.metadata())) {
    if (metric !== undefined && one.metric !== metric) continue;
    const said = found.get(one.metric) ?? new Map<string, unknown>();
    if (limit >= 0 && found.size >= limit && !found.has(one.metric)) continue;
    found.set(one.metric, said.set(JSON.stringify(one), entry(one)));
  }
  return Object.fromEntries([...found].map(([name, said]) => [name, [...said.values()]]));
}

/** Metadata by target and metric; the metric is left out where one was requested. A negative limit means no limit. */
export function targetMetadataView(
  targets: readonly TargetState[],
  metric: string | undefined,
  limit: number,
) {
  const all = targets.flatMap(({ job, instance, metadata }) =>
    metadata()
      .filter((one) => metric === undefined || one.metric === metric)
      .map((one) => ({
        target: { instance, job },
        ...(metric === undefined ? { metric: one.metric } : {}),
        ...entry(one),
      })),
  );
  return limit >= 0 ? all.slice(0, limit) : all;
}

const entry = ({ type, help }: MetricMetadata) => ({
  type: type === "untyped" ? "unknown" : type,
  help,
  unit: "",
});
