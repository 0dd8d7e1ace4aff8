import type { Clock } from "../../../runtime/clock.ts";
import { messageOf } from "../../../runtime/errors.ts";
import type { Labels, SampleStore, SeriesWriter } from "../samples.ts";
import type { AlertInstance, AlertTransition } from "./alert.ts";
import { createAlerting, type Alerting } from "./alerting.ts";
import type { Rule, RuleGroup } from "./rule-file.ts";

/** How a rule fared at its last evaluation. */
export interface RuleState {
  readonly rule: Rule;
  readonly health: "ok" | "err" | "unknown";
  readonly lastError: string | undefined;
  /** Epoch ms; undefined before the first. */
  readonly evaluatedAt: number | undefined;
  readonly evaluationMs: number;
  /** Of an alerting rule. */
  readonly active: readonly AlertInstance[];
}

export interface GroupState {
  readonly group: RuleGroup;
  readonly rules: readonly RuleState[];
}

export interface RuleEvaluatorDeps {
  readonly store: SampleStore;
  /** For how long an evaluation took, nothing else. */
  readonly clock: Clock;
}

/** Evaluates rules in their order, and keeps what they came to. */
export interface RuleEvaluator {
  /** One evaluation of everything that is due; returns what changed in the alerts. A rule that fails stops no other. */
  evaluate(atMs: number): readonly AlertTransition[];
  /** Puts other rules in place; alerts of rules that stay as they are live on. */
  reload(groups: readonly RuleGroup[]): void;
  readonly active: readonly AlertInstance[];
  readonly groups: readonly GroupState[];
}

interface Running {
  readonly rule: Rule;
  readonly alerting: Alerting | undefined;
  /** What the rule wrote at its last evaluation: what it does not write again has ended. */
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

export function createRuleEvaluator(
  groups: readonly RuleGroup[],
  { store, clock }: RuleEvaluatorDeps,
): RuleEvaluator {
  let running = groups.map((group) => started(group, new Map()));
  /** What rules wrote that are no more: it ends with the next evaluation, unless another rule writes it now. */
  const left = new Map<string, SeriesWriter>();

  function endLeft(at: number): void {
    if (left.size === 0) return;
    for (const { rules } of running)
      for (const { written } of rules) for (const key of written.keys()) left.delete(key);
    for (const writer of left.values()) writer.stale(at);
    left.clear();
  }

  function evaluateRule(one: Running, at: number): readonly AlertTransition[] {
    const begun = clock.now();
    let changes: readonly AlertTransition[] = [];
    const writing = createWriting(store, one.written, at);
    try {
      const value = one.rule.query.at(at);
      if (one.alerting) {
        changes = one.alerting.evaluate(value, at);
        for (const { name, labels, state, activeAt } of one.alerting.active) {
          writing.write({ ...labels, __name__: "ALERTS", alertname: name, alertstate: state }, 1);
          writing.write({ ...labels, __name__: "ALERTS_FOR_STATE", alertname: name }, activeAt / 1000);
        }
      } else if (one.rule.kind === "record") {
        const { name, labels } = one.rule;
        const samples = value.type === "vector" ? value.samples : [];
        for (const sample of samples)
          writing.write({ ...sample.labels, ...labels, __name__: name }, sample.value);
        if (value.type === "scalar") writing.write({ ...labels, __name__: name }, value.value);
      }
      one.health = "ok";
      one.lastError = undefined;
    } catch (error) {
      // What the data does not allow now it may allow at the next evaluation: told, and the others go on.
      one.health = "err";
      one.lastError = messageOf(error);
    }
    one.written = writing.done();
    one.evaluatedAt = at;
    one.evaluationMs = clock.now() - begun;
    return changes;
  }

  return {
    evaluate(at) {
      const changes: AlertTransition[] = [];
      for (const group of running) {
        if (group.group.intervalMs !== undefined && at - group.evaluatedAt < group.group.intervalMs) continue;
        group.evaluatedAt = at;
        for (const one of group.rules) changes.push(...evaluateRule(one, at));
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
      running = next.map((group) => started(group, before));
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

function started(group: RuleGroup, before: ReadonlyMap<string, Running>): RunningGroup {
  const rules = group.rules.map((rule): Running => {
    const old = before.get(identityOf(group, rule));
    return {
      rule,
      alerting: rule.kind === "alert" ? (old?.alerting ?? createAlerting(rule)) : undefined,
      written: old?.written ?? new Map(),
      health: "unknown",
      lastError: undefined,
      evaluatedAt: undefined,
      evaluationMs: 0,
    };
  });
  return { group, rules, evaluatedAt: -Infinity };
}

/** Two rules that say the same are the same. */
function identityOf({ file, name: group }: RuleGroup, rule: Rule): string {
  const { kind, name, query } = rule;
  const more = rule.kind === "alert" ? [rule.forMs, rule.keepFiringForMs, rule.written] : [rule.labels];
  return JSON.stringify([file, group, kind, name, query.expression, ...more]);
}

/** Writes a rule's series at one moment, and marks those as ended that it wrote before and does not write now. */
function createWriting(store: SampleStore, before: ReadonlyMap<string, SeriesWriter>, at: number) {
  const written = new Map<string, SeriesWriter>();
  return {
    write(labels: Labels, value: number): void {
      const key = JSON.stringify(labels);
      const writer = before.get(key) ?? store.series(labels);
      if (!writer) return;
      writer.append(at, value);
      written.set(key, writer);
    },
    done(): Map<string, SeriesWriter> {
      for (const [key, writer] of before) if (!written.has(key)) writer.stale(at);
      return written;
    },
  };
}
