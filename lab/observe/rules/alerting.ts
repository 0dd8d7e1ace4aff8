import type { Value } from "../promql/query.ts";
import { labelsKey, withoutEmpty } from "../labels-key.ts";
import type { Labels } from "../samples.ts";
import type { AlertInstance, AlertTransition } from "./alert.ts";
import type { AlertRule } from "./rule-file.ts";
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

export function createAlerting(rule: AlertRule, { ask, externalUrl }: AlertingContext): Alerting {
  const lives = new Map<string, Life>();

  const instanceOf = ({
    labels,
    annotations,
    state,
    value,
    activeAt,
    firedAt,
    keptSince,
  }: Life): AlertInstance => ({
    name: rule.name,
    labels,
    annotations,
    state,
    value,
    activeAt,
    firedAt,
    keptSince,
    expression: rule.query.expression,
  });

  function filledIn(
    sampleLabels: Labels,
    value: number,
    at: number,
  ): { labels: Labels; annotations: Labels } {
    const { __name__: _name, ...own } = sampleLabels;
    const data = {
      labels: sampleLabels,
      value,
      query: (expression: string) => samplesOf(ask(expression, at)),
      externalUrl: externalUrl(),
    };
    const fill = (templates: AlertRule["labels"]): Record<string, string> =>
      Object.fromEntries(Array.from(templates, ([name, template]) => [name, expanded(template, data)]));
    const labels = { ...own, ...fill(rule.labels), alertname: rule.name };
    return { labels: withoutEmpty(labels), annotations: fill(rule.annotations) };
  }

  return {
    evaluate(value, at) {
      const holding = new Map<string, Pick<Life, "labels" | "annotations" | "value">>();
      for (const sample of samplesOf(value)) {
        const { labels, annotations } = filledIn(sample.labels, sample.value, at - rule.queryOffsetMs);
        const key = labelsKey(labels);
        if (holding.has(key))
          throw new Error("vector contains metrics with the same labelset after applying alert labels");
        holding.set(key, { labels, annotations, value: sample.value });
      }

      const changes: AlertTransition[] = [];
      const change = (life: Life, from: AlertTransition["from"], to: AlertTransition["to"]): void =>
        void changes.push({ at, from, to, alert: instanceOf(life) });

      for (const [key, now] of holding) {
        const life = lives.get(key);
        if (life) {
          Object.assign(life, now, { keptSince: undefined });
          continue;
        }
        const begun: Life = {
          ...now,
          state: "pending",
          activeAt: at,
          firedAt: undefined,
          keptSince: undefined,
        };
        lives.set(key, begun);
        if (rule.forMs > 0) change(begun, "inactive", "pending");
      }
      for (const [key, life] of lives) {
        if (!holding.has(key)) {
          if (life.state === "firing" && rule.keepFiringForMs > 0) {
            life.keptSince ??= at;
            if (at - life.keptSince < rule.keepFiringForMs) continue;
          }
          lives.delete(key);
          change(life, life.state, "inactive");
        } else if (life.state === "pending" && at - life.activeAt >= rule.forMs) {
          life.state = "firing";
          life.firedAt = at;
          change(life, rule.forMs > 0 ? "pending" : "inactive", "firing");
        }
      }
      if (rule.limit > 0 && lives.size > rule.limit) {
        const count = lives.size;
        lives.clear();
        throw new Error(`exceeded limit of ${rule.limit} with ${count} alerts`);
      }
      return changes;
    },
    get active() {
      return Array.from(lives.values(), instanceOf);
    },
  };
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

function samplesOf(value: Value): readonly { readonly labels: Labels; readonly value: number }[] {
  if (value.type === "vector") return value.samples;
  return value.type === "scalar" ? [{ labels: {}, value: value.value }] : [];
}
