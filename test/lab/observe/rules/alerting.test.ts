import { describe, expect, it } from "vitest";
import type { Value } from "../../../../lab/observe/promql/query.ts";
import { createAlerting } from "../../../../lab/observe/rules/alerting.ts";
import { createQueryEngine } from "../../../../lab/observe/promql/engine.ts";
import type { AlertRule } from "../../../../lab/observe/rules/rule.ts";
import { loadRules } from "../../../../lab/observe/rules/rule-file.ts";
import { createSampleStore } from "../../../../lab/observe/sample-store.ts";

/** An alerting rule with these fields; what its expression comes to is given at each evaluation. */
function alertRule(more: Readonly<Record<string, unknown>> = {}): AlertRule {
  const engine = createQueryEngine(createSampleStore({ retentionMs: 1, maxSeries: 1 }));
  const rule = { alert: "Down", expr: "up", ...more };
  const loaded = loadRules(JSON.stringify({ groups: [{ name: "a", rules: [rule] }] }), "a", engine);
  const [made] = loaded.ok ? (loaded.groups[0]?.rules ?? []) : [];
  if (made?.kind !== "alert") throw new Error("not an alerting rule");
  return made;
}

/** No template of these queries anything. */
const alertingOf = (rule: AlertRule) =>
  createAlerting(rule, {
    ask() {
      throw new Error("no query is expected");
    },
    externalUrl: () => "",
  });

const vector = (...samples: readonly (readonly [Record<string, string>, number])[]): Value => ({
  type: "vector",
  samples: samples.map(([labels, value]) => ({ labels, value })),
});
const NOTHING = vector();
const A = vector([{ __name__: "up", job: "a" }, 0]);
const steps = (changes: readonly { readonly from: string; readonly to: string; readonly at: number }[]) =>
  changes.map(({ from, to, at }) => `${at}: ${from} to ${to}`);

describe("an alert", () => {
  it("fires at once without `for`, and ends as soon as its expression does not hold", () => {
    const alerting = alertingOf(alertRule());
    expect(steps(alerting.evaluate(A, 1000))).toEqual(["1000: inactive to firing"]);
    expect(alerting.active).toMatchObject([{ state: "firing", activeAt: 1000, firedAt: 1000 }]);
    expect(steps(alerting.evaluate(A, 2000))).toEqual([]);
    expect(steps(alerting.evaluate(NOTHING, 3000))).toEqual(["3000: firing to inactive"]);
    expect(alerting.active).toEqual([]);
  });

  it("with `for` is pending until it has held for so long, and begins anew after a gap", () => {
    const alerting = alertingOf(alertRule({ for: "2s" }));
    expect(steps(alerting.evaluate(A, 1000))).toEqual(["1000: inactive to pending"]);
    expect(steps(alerting.evaluate(A, 2999))).toEqual([]);
    expect(steps(alerting.evaluate(NOTHING, 3000))).toEqual(["3000: pending to inactive"]);
    expect(steps(alerting.evaluate(A, 4000))).toEqual(["4000: inactive to pending"]);
    expect(steps(alerting.evaluate(A, 6000))).toEqual(["6000: pending to firing"]);
    expect(alerting.active).toMatchObject([{ activeAt: 4000, firedAt: 6000 }]);
  });

  it("with `keep_firing_for` goes on for so long, counted from the last time that it ceased to hold", () => {
    const alerting = alertingOf(alertRule({ keep_firing_for: "2s" }));
    alerting.evaluate(A, 1000);
    expect(steps(alerting.evaluate(NOTHING, 2000))).toEqual([]);
    expect(steps(alerting.evaluate(A, 3000))).toEqual([]);
    expect(steps(alerting.evaluate(NOTHING, 4000))).toEqual([]);
    expect(steps(alerting.evaluate(NOTHING, 5999))).toEqual([]);
    expect(alerting.active).toMatchObject([{ state: "firing", value: 0, activeAt: 1000 }]);
    expect(steps(alerting.evaluate(NOTHING, 6000))).toEqual(["6000: firing to inactive"]);
  });

  it("that was only pending is not kept", () => {
    const alerting = alertingOf(alertRule({ for: "5s", keep_firing_for: "5s" }));
    alerting.evaluate(A, 1000);
    expect(steps(alerting.evaluate(NOTHING, 2000))).toEqual(["2000: pending to inactive"]);
  });

  it("has the labels of its series without the metric's name, those of its rule above them, and none that are empty", () => {
    const labels = { severity: "page", job: "{{ $labels.job }}-{{ $value }}", zone: "" };
    const alerting = alertingOf(alertRule({ labels }));
    alerting.evaluate(vector([{ __name__: "up", job: "a", zone: "1", host: "h" }, 7]), 1000);
    expect(alerting.active[0]?.labels).toEqual({
      alertname: "Down",
      severity: "page",
      job: "a-7",
      host: "h",
    });
  });

  it("has the value of its last evaluation", () => {
    const alerting = alertingOf(alertRule({ annotations: { summary: "{{ $value }} of {{ $labels.job }}" } }));
    alerting.evaluate(A, 1000);
    alerting.evaluate(vector([{ job: "a" }, 5]), 2000);
    expect(alerting.active).toMatchObject([{ value: 5, annotations: { summary: "5 of a" }, activeAt: 1000 }]);
  });

  it("has its state for each label set alone", () => {
    const alerting = alertingOf(alertRule({ for: "2s" }));
    alerting.evaluate(A, 1000);
    alerting.evaluate(vector([{ job: "b" }, 1], [{ job: "a" }, 0]), 2000);
    const changes = alerting.evaluate(vector([{ job: "a" }, 0], [{ job: "b" }, 1]), 3000);
    expect(changes.map(({ alert }) => alert.labels["job"])).toEqual(["a"]);
    expect(alerting.active.map(({ labels, state }) => `${labels["job"]} ${state}`)).toEqual([
      "a firing",
      "b pending",
    ]);
  });

  it("of a number fires whatever the number", () => {
    const alerting = alertingOf(alertRule());
    alerting.evaluate({ type: "scalar", value: 0 }, 1000);
    expect(alerting.active).toMatchObject([{ labels: { alertname: "Down" }, value: 0 }]);
  });

  it("fires also when its annotations cannot be filled in", () => {
    const alerting = alertingOf(alertRule({ annotations: { summary: "{{ $labels.job | humanize }}" } }));
    expect(steps(alerting.evaluate(A, 1000))).toEqual(["1000: inactive to firing"]);
    expect(alerting.active[0]?.annotations["summary"]).toMatch(
      /^<error expanding template: humanize: a number is needed/,
    );
  });

  it("is refused when two series come to the same alert, and existing ones go on", () => {
    const alerting = alertingOf(alertRule({ labels: { job: "all" } }));
    alerting.evaluate(A, 1000);
    expect(() => alerting.evaluate(vector([{ job: "a" }, 0], [{ job: "b" }, 0]), 2000)).toThrow(
      "same labelset",
    );
    expect(alerting.active).toMatchObject([{ labels: { job: "all" }, activeAt: 1000 }]);
  });
});
