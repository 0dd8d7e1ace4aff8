import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { createQueryEngine } from "../../lab/observe/promql/engine.ts";
import { parseDuration } from "../../lab/observe/promql/literals.ts";
import type { VectorSample } from "../../lab/observe/promql/query.ts";
import type { AlertInstance } from "../../lab/observe/rules/alert.ts";
import { createRuleEvaluator } from "../../lab/observe/rules/rule-evaluator.ts";
import { loadRules } from "../../lab/observe/rules/rule-file.ts";
import { createSampleStore } from "../../lab/observe/sample-store.ts";
import type { Labels, SampleStore } from "../../lab/observe/samples.ts";
import { parseSeries } from "../../lab/observe/scrape/exposition.ts";
import { formatFault } from "../../runtime/yaml/fault.ts";
import { readYamlAs } from "../../runtime/yaml/read-as.ts";
import { createManualClock } from "./manual-clock.ts";
import { parseSeriesNotation } from "./series-notation.ts";

const duration = z.string().transform((text, context) => {
  const ms = parseDuration(text);
  if (ms === undefined) context.addIssue({ code: "custom", message: "is no duration" });
  return ms ?? 0;
});
const texts = z.record(z.string(), z.string()).default({});
const tests = z.array(
  z.strictObject({
    name: z.string(),
    interval: duration,
    input_series: z.array(
      z.strictObject({
        series: z.string(),
        values: z.union([z.string(), z.number()]).transform((given) => parseSeriesNotation(String(given))),
      }),
    ),
    alert_rule_test: z
      .array(
        z.strictObject({
          eval_time: duration,
          alertname: z.string(),
          exp_alerts: z.array(z.strictObject({ exp_labels: texts, exp_annotations: texts })),
        }),
      )
      .default([]),
    promql_expr_test: z
      .array(
        z.strictObject({
          expr: z.string(),
          eval_time: duration,
          exp_samples: z.array(z.strictObject({ labels: z.string(), value: z.number() })),
        }),
      )
      .default([]),
  }),
);
const testFile = z.strictObject({
  rule_files: z.array(z.string()).min(1),
  evaluation_interval: duration,
  tests,
});

export type PromtoolTest = z.infer<typeof tests>[number];

export interface PromtoolTestFile {
  readonly path: string;
  readonly rulePaths: readonly string[];
  readonly evaluationIntervalMs: number;
  readonly tests: readonly PromtoolTest[];
}

/** A file for `promtool test rules`, as far as this project's use its fields. Throws with every fault and its place. */
export function readPromtoolTests(path: string): PromtoolTestFile {
  const read = readYamlAs(readFileSync(path, "utf8"), path, testFile);
  if (!read.ok) throw new Error(read.faults.map(formatFault).join("\n"));
  const { rule_files, evaluation_interval, tests } = read.value;
  return {
    path,
    rulePaths: rule_files.map((name) => join(dirname(path), name)),
    evaluationIntervalMs: evaluation_interval,
    tests,
  };
}

/** What was expected at a moment and what came, both in one order. */
export interface Verdict {
  readonly what: string;
  readonly expected: readonly unknown[];
  readonly actual: readonly unknown[];
}

/** Runs a test as promtool does: samples up to a moment, then the rules at it; expressions when all of that is done. */
export function runPromtoolTest(
  { rulePaths, evaluationIntervalMs }: PromtoolTestFile,
  test: PromtoolTest,
  prometheus: 2 | 3,
): readonly Verdict[] {
  const store = createSampleStore({
    retentionMs: 86_400_000,
    maxSeries: 10_000,
    rangeStart: prometheus === 2 ? "closed" : "open",
  });
  const engine = createQueryEngine(store, { prometheus });
  const groups = rulePaths.flatMap((path) => {
    const loaded = loadRules(readFileSync(path, "utf8"), path, engine);
    if (!loaded.ok) throw new Error(loaded.faults.map(formatFault).join("\n"));
    return loaded.groups;
  });
  const rules = createRuleEvaluator({ groups, intervalMs: 0 }, { store, engine, clock: createManualClock() });
  const feed = createFeed(test, store);
  const verdicts: Verdict[] = [];
  const end = Math.max(0, ...[...test.alert_rule_test, ...test.promql_expr_test].map((one) => one.eval_time));
  for (let at = 0; at <= end; at += evaluationIntervalMs) {
    feed(at);
    rules.evaluate(at);
    for (const { eval_time, alertname, exp_alerts } of test.alert_rule_test)
      if (eval_time >= at && eval_time < at + evaluationIntervalMs)
        verdicts.push({
          what: `${alertname} at ${eval_time / 1000} s`,
          expected: inOrder(
            exp_alerts.map(({ exp_labels, exp_annotations }) => ({
              labels: { ...exp_labels, alertname },
              annotations: exp_annotations,
            })),
          ),
          actual: inOrder(rules.active.filter((alert) => isFiring(alert, alertname)).map(reported)),
        });
  }
  for (const { expr, eval_time, exp_samples } of test.promql_expr_test) {
    const value = engine.compile(expr).at(eval_time);
    verdicts.push({
      what: `${expr} at ${eval_time / 1000} s`,
      expected: inOrder(exp_samples.map(({ labels, value }) => ({ labels: labelsIn(labels), value }))),
      actual: inOrder(
        value.type === "vector"
          ? value.samples.map(({ labels, value }: VectorSample) => ({ labels, value }))
          : value.type === "scalar"
            ? [{ labels: {}, value: value.value }]
            : [],
      ),
    });
  }
  return verdicts;
}

/** Puts the test's samples into the store, up to a moment that only grows. */
function createFeed({ interval, input_series }: PromtoolTest, store: SampleStore): (untilMs: number) => void {
  const series = input_series.map(({ series, values }) => ({
    writer: store.series(parseSeries(series)),
    values,
  }));
  let next = 0;
  return (until) => {
    for (; next * interval <= until; next++)
      for (const { writer, values } of series) {
        const value = values[next];
        if (value === "stale") writer?.stale(next * interval);
        else if (value !== undefined) writer?.append(next * interval, value);
      }
  };
}

const isFiring = ({ name, state }: AlertInstance, alertname: string): boolean =>
  name === alertname && state === "firing";

const reported = ({ labels, annotations }: AlertInstance) => ({ labels, annotations });

/** `{a="b"}`, which has no name, or a series with one. */
function labelsIn(text: string): Labels {
  if (!text.startsWith("{")) return parseSeries(text);
  const { __name__: _name, ...labels } = parseSeries(`nameless${text}`);
  return labels;
}

/** By their labels, whatever the order in which they came. */
function inOrder<T extends { readonly labels?: Labels }>(all: readonly T[]): readonly T[] {
  const keyOf = ({ labels = {} }: T): string =>
    JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
  return [...all].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}
