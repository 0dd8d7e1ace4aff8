import type { Clock } from "../../../runtime/clock.ts";
import { messageOf } from "../../../runtime/errors.ts";
import { labelsKey, withoutEmpty } from "../labels-key.ts";
import type { QueryEngine, Value, VectorSample } from "../promql/query.ts";
import type { SampleStore, SeriesWriter } from "../samples.ts";
import type { AlertInstance, AlertTransition } from "./alert.ts";
import { createAlerting, type Alerting, type AlertingContext } from "./alerting.ts";
import type { RecordingRule, Rule } from "./rule.ts";
import type { RuleGroup } from "./rule-file.ts";

/** A rule, and the result of its last evaluation. */
export interface RuleState {
  readonly rule: Rule;
  readonly health: "ok" | "err" | "unknown";
  readonly lastError: string | undefined;
  /** Epoch ms; undefined before the first. */
  readonly evaluatedAt: number | undefined;
  readonly evaluationMs: number;
  /** An alerting rule's alerts. */
  readonly active: readonly AlertInstance[];
}

export interface GroupState {
  readonly group: RuleGroup;
  readonly rules: readonly RuleState[];
}

export interface RuleEvaluatorDeps {
  readonly store: SampleStore;
  /** For the queries of templates. */
  readonly engine: QueryEngine;
  /** The external URL in templates; absent: an empty one. */
  readonly externalUrl?: () => string;
  /** Only measures how long an evaluation took. */
  readonly clock: Clock;
}

/** Evaluates rules in their order, and keeps their results. */
export interface RuleEvaluator {
  /** One evaluation of everything that is due; returns what changed in the alerts. A rule that fails stops no other. */
  evaluate(atMs: number): readonly AlertTransition[];
  /** Replaces the rules; alerts of unchanged rules are kept. */
  reload(groups: readonly RuleGroup[]): void;
  readonly active: readonly AlertInstance[];
  readonly groups: readonly GroupState[];
}

interface Running {
  readonly rule: Rule;
  readonly alerting: Alerting | undefined;
  /** The series that the rule wrote at its last evaluation: those that it does not write again have ended. */
  written: Map<string, SeriesWriter>;
  health: RuleState["health"];
  lastError: string | undefined;
  evaluatedAt: number | undefined;
  evaluationMs: number;
}

interface RunningGroup {
  readonly group: RuleGroup;
  readonly rules: readonly Running[];
  evaluatedAt: number;
}

export interface RuleEvaluatorConfig {
  readonly groups: readonly RuleGroup[];
  /** The interval of groups that have none of their own. 0: they are evaluated each time. */
  readonly intervalMs: number;
}

export function createRuleEvaluator(
  { groups, intervalMs }: RuleEvaluatorConfig,
  { store, engine, clock, externalUrl = () => "" }: RuleEvaluatorDeps,
): RuleEvaluator {
  const context: AlertingContext = {
    ask: (expression, at) => engine.compile(expression).at(at),
    externalUrl,
  };
  let running = groups.map((group) => started(group, new Map(), context));
  /** Series of removed rules: they end with the next evaluation, unless another rule writes them now. */
  const left = new Map<string, SeriesWriter>();

  function endLeft(at: number): void {
    if (left.size === 0) return;
    for (const { rules } of running)
      for (const { written } of rules) for (const key of written.keys()) left.delete(key);
    for (const writer of left.values()) writer.stale(at);
    left.clear();
  }

  return {
    evaluate(at) {
      const changes: AlertTransition[] = [];
      for (const group of running) {
        const sinceMs = at - group.evaluatedAt;
        // A clock that was set back must not delay a group.
        if (sinceMs >= 0 && sinceMs < (group.group.intervalMs ?? intervalMs)) continue;
        group.evaluatedAt = at;
        for (const one of group.rules) changes.push(...evaluateRule(one, at, { clock, store }));
      }
      endLeft(at);
      return changes;
    },
    reload(next) {
      const before = new Map(
        running.flatMap(({ group, rules }) =>
          rules.map((one) => [identityOf(group, one.rule), one] as const),
        ),
      );
      for (const { written } of before.values()) for (const [key, writer] of written) left.set(key, writer);
      running = next.map((group) => started(group, before, context));
    },
    get active() {
      return running.flatMap(({ rules }) => rules.flatMap(({ alerting }) => alerting?.active ?? []));
    },
    get groups() {
      return running.map(({ group, rules }) => ({
        group,
        rules: rules.map(({ rule, alerting, health, lastError, evaluatedAt, evaluationMs }) => {
          const active = alerting?.active ?? [];
          return { rule, health, lastError, evaluatedAt, evaluationMs, active };
        }),
      }));
    },
  };
}

/** The result of the rule's expression, as series to write. Throws when evaluation fails. */
function outcomeOf({ rule, alerting }: Running, at: number): Outcome {
  const value = rule.query.at(at - rule.queryOffsetMs);
  if (rule.kind === "record") return { changes: [], series: recorded(rule, value) };
  const changes = alerting?.evaluate(value, at) ?? [];
  return { changes, series: (alerting?.active ?? []).flatMap(alertSeries) };
}

/** Evaluates a rule and writes its series; one that fails stops no other. */
function evaluateRule(
  one: Running,
  at: number,
  { clock, store }: Pick<RuleEvaluatorDeps, "clock" | "store">,
): readonly AlertTransition[] {
  const begun = clock.now();
  let changes: readonly AlertTransition[] = [];
  try {
    const outcome = outcomeOf(one, at);
    ({ changes } = outcome);
    one.written = write(store, outcome.series, one.written, at - one.rule.queryOffsetMs);
    one.health = "ok";
    one.lastError = undefined;
  } catch (error) {
    // The next evaluation may succeed again: the rule's series are not ended.
    one.health = "err";
    one.lastError = messageOf(error);
  }
  one.evaluatedAt = at;
  one.evaluationMs = clock.now() - begun;
  return changes;
}

function started(
  group: RuleGroup,
  before: ReadonlyMap<string, Running>,
  context: AlertingContext,
): RunningGroup {
  const rules = group.rules.map((rule): Running => {
    const old = before.get(identityOf(group, rule));
    return {
      rule,
      alerting: rule.kind === "alert" ? (old?.alerting ?? createAlerting(rule, context)) : undefined,
      written: old?.written ?? new Map(),
      health: "unknown",
      lastError: undefined,
      evaluatedAt: undefined,
      evaluationMs: 0,
    };
  });
  return { group, rules, evaluatedAt: -Infinity };
}

/** Rules with equal content are the same. */
function identityOf({ file, name: group }: RuleGroup, rule: Rule): string {
  const { kind, name, query } = rule;
  const more = rule.kind === "alert" ? [rule.forMs, rule.keepFiringForMs, rule.written] : [rule.labels];
  return JSON.stringify([file, group, kind, name, query.expression, rule.limit, rule.queryOffsetMs, ...more]);
}

/** The result of a rule's evaluation. */
interface Outcome {
  readonly changes: readonly AlertTransition[];
  readonly series: readonly VectorSample[];
}

function recorded({ name, labels, limit }: RecordingRule, value: Value): readonly VectorSample[] {
  const samples =
    value.type === "vector"
      ? value.samples
      : value.type === "scalar"
        ? [{ labels: {}, value: value.value }]
        : [];
  const series = samples.map((sample) => ({
    labels: withoutEmpty({ ...sample.labels, ...labels, __name__: name }),
    value: sample.value,
  }));
  if (new Set(series.map((one) => labelsKey(one.labels))).size < series.length)
    throw new Error("vector contains metrics with the same labelset after applying rule labels");
  if (limit > 0 && series.length > limit)
    throw new Error(`exceeded limit of ${limit} with ${series.length} series`);
  return series;
}

const alertSeries = ({ name, labels, state, activeAt }: AlertInstance): readonly VectorSample[] => [
  { labels: { ...labels, __name__: "ALERTS", alertname: name, alertstate: state }, value: 1 },
  {
    labels: { ...labels, __name__: "ALERTS_FOR_STATE", alertname: name },
    value: Math.floor(activeAt / 1000),
  },
];

/** Writes a rule's series at one moment, and marks as stale those that it wrote before and does not write now. */
function write(
  store: SampleStore,
  series: readonly VectorSample[],
  before: ReadonlyMap<string, SeriesWriter>,
  at: number,
): Map<string, SeriesWriter> {
  const written = new Map<string, SeriesWriter>();
  for (const { labels, value } of series) {
    const key = labelsKey(labels);
    const writer = before.get(key) ?? store.series(labels);
    if (!writer) continue;
    writer.append(at, value);
    written.set(key, writer);
  }
  for (const [key, writer] of before) if (!written.has(key)) writer.stale(at);
  return written;
}
