import type { RuleEvaluator } from "./rules/rule-evaluator.ts";
import type { SampleStore } from "./samples.ts";
import type { TargetState } from "./scrape/target.ts";

export interface OwnMetricsDeps {
  readonly store: SampleStore;
  readonly rules: Pick<RuleEvaluator, "groups">;
  readonly targets: () => readonly TargetState[];
}

/** The evaluator's own metrics as a text exposition, computed on request: what it holds, and what it had to drop. */
export function createOwnMetrics({ store, rules, targets }: OwnMetricsDeps): () => string {
  return () => {
    const { series, samples, droppedSeries, droppedSamples } = store.stats;
    const all = rules.groups.flatMap((group) => group.rules);
    const scraped = targets();
    const sum = (of: (target: TargetState) => number): number =>
      scraped.reduce((total, target) => total + of(target), 0);
    return [
      metric("evaluator_series", "gauge", "Series in memory", series),
      metric("evaluator_samples", "gauge", "Samples in memory", samples),
      metric("evaluator_dropped_series_total", "counter", "Series not taken: too many", droppedSeries),
      metric("evaluator_dropped_samples_total", "counter", "Samples not taken: out of order", droppedSamples),
      metric("evaluator_targets", "gauge", "Targets that are scraped", scraped.length),
      metric(
        "evaluator_scrapes_total",
        "counter",
        "Scrapes that have ended",
        sum(({ scrapes }) => scrapes),
      ),
      metric(
        "evaluator_scrape_failures_total",
        "counter",
        "Scrapes that came to nothing",
        sum(({ failures }) => failures),
      ),
      metric("evaluator_rules", "gauge", "Rules that are evaluated", all.length),
      metric(
        "evaluator_failing_rules",
        "gauge",
        "Rules that failed at their last evaluation",
        all.filter(({ health }) => health === "err").length,
      ),
      metric(
        "evaluator_evaluation_seconds",
        "gauge",
        "Time that the last evaluation of all rules took",
        all.reduce((sum, { evaluationMs }) => sum + evaluationMs, 0) / 1000,
      ),
    ].join("");
  };
}

const metric = (name: string, type: string, help: string, value: number): string =>
  `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} ${value}\n`;
