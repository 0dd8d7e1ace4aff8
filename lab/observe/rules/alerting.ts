import type { Value } from "../promql/query.ts";
import { labelsKey, withoutEmpty } from "../labels-key.ts";
import type { Labels } from "../samples.ts";
import type { AlertInstance, AlertTransition } from "./alert.ts";
import type { AlertRule } from "./rule.ts";
import { TemplateError } from "./template/template-error.ts";
import type { Template, TemplateData } from "./template/template.ts";

/** One alerting rule's alerts, from one evaluation to the next. */
export interface Alerting {
  /**
   * Takes the value of the rule's expression, and returns the transitions. Throws when two alerts would be the same, and when
   * there are more than the rule's limit, after which none is left.
   */
  evaluate(value: Value, atMs: number): readonly AlertTransition[];
  /** Pending and firing. */
  readonly active: readonly AlertInstance[];
}

interface Life {
  labels: Labels;
  annotations: Labels;
  state: AlertInstance["state"];
  value: number;
  readonly activeAt: number;
  firedAt: number | undefined;
  /** Since when the expression has not held while `keep_firing_for` keeps it firing. */
  keptSince: number | undefined;
}

/** What the templates of an alert can use. */
export interface AlertingContext {
  readonly ask: (expression: string, atMs: number) => Value;
  readonly externalUrl: () => string;
}

/** What one evaluation says of an alert for which the expression holds. */
type Holding = Pick<Life, "labels" | "annotations" | "value">;

export function createAlerting(rule: AlertRule, context: AlertingContext): Alerting {
  const lives = new Map<string, Life>();

  return {
    evaluate(value, at) {
      const holding = holdingOf(rule, value, { context, at });
      const changes: AlertTransition[] = [];
      const change: Change = (life, from, to) =>
        void changes.push({ at, from, to, alert: instanceOf(rule, life) });
      for (const [key, now] of holding) {
        const life = lives.get(key);
        if (life) Object.assign(life, now, { keptSince: undefined });
        else lives.set(key, begin(rule, now, { at, change }));
      }
      for (const [key, life] of lives)
        if (holding.has(key)) fireWhenDue(rule, life, { at, change });
        else if (isOver(rule, life, at)) {
          lives.delete(key);
          change(life, life.state, "inactive");
        }
      if (rule.limit > 0 && lives.size > rule.limit) {
        const count = lives.size;
        lives.clear();
        throw new Error(`exceeded limit of ${rule.limit} with ${count} alerts`);
      }
      return changes;
    },
    get active() {
      return Array.from(lives.values(), (life) => instanceOf(rule, life));
    },
  };
}

type Change = (life: Life, from: AlertTransition["from"], to: AlertTransition["to"]) => void;

interface Now {
  readonly at: number;
  readonly change: Change;
}

/** The alerts that an evaluation's samples make, by their labels. */
function holdingOf(
  rule: AlertRule,
  value: Value,
  { context, at }: { readonly context: AlertingContext; readonly at: number },
): ReadonlyMap<string, Holding> {
  const holding = new Map<string, Holding>();
  for (const sample of samplesOf(value)) {
    const texts = filledIn(rule, sample, { context, at: at - rule.queryOffsetMs });
    const key = labelsKey(texts.labels);
    if (holding.has(key))
      throw new Error("vector contains metrics with the same labelset after applying alert labels");
    holding.set(key, { ...texts, value: sample.value });
  }
  return holding;
}

function filledIn(
  rule: AlertRule,
  { labels: sampleLabels, value }: Sample,
  { context, at }: { readonly context: AlertingContext; readonly at: number },
): Pick<Life, "labels" | "annotations"> {
  const { __name__: _name, ...own } = sampleLabels;
  const data = {
    labels: sampleLabels,
    value,
    query: (expression: string) => samplesOf(context.ask(expression, at)),
    externalUrl: context.externalUrl(),
  };
  const fill = (templates: AlertRule["labels"]): Record<string, string> =>
    Object.fromEntries(Array.from(templates, ([name, template]) => [name, expanded(template, data)]));
  const labels = { ...own, ...fill(rule.labels), alertname: rule.name };
  return { labels: withoutEmpty(labels), annotations: fill(rule.annotations) };
}

function begin({ forMs }: AlertRule, now: Holding, { at, change }: Now): Life {
  const life: Life = {
    ...now,
    state: "pending",
    activeAt: at,
    firedAt: undefined,
    keptSince: undefined,
  };
  if (forMs > 0) change(life, "inactive", "pending");
  return life;
}

function fireWhenDue({ forMs }: AlertRule, life: Life, { at, change }: Now): void {
  if (life.state !== "pending" || at - life.activeAt < forMs) return;
  life.state = "firing";
  life.firedAt = at;
  change(life, forMs > 0 ? "pending" : "inactive", "firing");
}

/** Whether an alert whose expression does not hold has ended: `keep_firing_for` may keep it. */
function isOver({ keepFiringForMs }: AlertRule, life: Life, at: number): boolean {
  if (life.state !== "firing" || keepFiringForMs <= 0) return true;
  life.keptSince ??= at;
  return at - life.keptSince >= keepFiringForMs;
}

function instanceOf({ name, query }: AlertRule, life: Life): AlertInstance {
  const { labels, annotations, state, value, activeAt, firedAt, keptSince } = life;
  const { expression } = query;
  return { name, labels, annotations, state, value, activeAt, firedAt, keptSince, expression };
}

/** As Prometheus: a template that fails does not keep an alert from firing. */
function expanded(template: Template, data: TemplateData): string {
  try {
    return template(data);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return `<error expanding template: ${error.message}>`;
  }
}

interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

function samplesOf(value: Value): readonly Sample[] {
  if (value.type === "vector") return value.samples;
  return value.type === "scalar" ? [{ labels: {}, value: value.value }] : [];
}
