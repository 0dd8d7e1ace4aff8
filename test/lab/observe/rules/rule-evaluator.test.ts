import { describe, expect, it } from "vitest";
import { createQueryEngine } from "../../../../lab/observe/promql/engine.ts";
import { createRuleEvaluator } from "../../../../lab/observe/rules/rule-evaluator.ts";
import { loadRules, type RuleGroup } from "../../../../lab/observe/rules/rule-file.ts";
import { createSampleStore } from "../../../../lab/observe/sample-store.ts";
import { createManualClock } from "../../../support/manual-clock.ts";

type Rules = readonly Readonly<Record<string, unknown>>[];

/** Rules over a store of their own, evaluated a second apart. */
function createBench(...groups: readonly { readonly rules: Rules; readonly [more: string]: unknown }[]) {
  const store = createSampleStore({ retentionMs: 3_600_000, maxSeries: 1000 });
  const engine = createQueryEngine(store);
  const load = (given: typeof groups): readonly RuleGroup[] => {
    const named = given.map((group, i) => ({ name: `g${i}`, ...group }));
    const loaded = loadRules(JSON.stringify({ groups: named }), "a.rules.yml", engine);
    if (!loaded.ok) throw new Error(loaded.faults.map(({ message }) => message).join("\n"));
    return loaded.groups;
  };
  const rules = createRuleEvaluator(
    { groups: load(groups), intervalMs: 0 },
    { store, engine, clock: createManualClock() },
  );
  return {
    rules,
    reload: (...next: typeof groups) => rules.reload(load(next)),
    write: (name: string, second: number, value: number) =>
      store.series({ __name__: name, job: "a" })?.append(second * 1000, value),
    writeSeries: (labels: Readonly<Record<string, string>>, second: number, value: number) =>
      store.series(labels)?.append(second * 1000, value),
    endSeries: (labels: Readonly<Record<string, string>>, second: number) =>
      store.series(labels)?.stale(second * 1000),
    evaluate: (second: number) =>
      rules.evaluate(second * 1000).map(({ from, to, alert }) => `${alert.name}: ${from} to ${to}`),
    ask(expression: string, second: number) {
      const value = engine.compile(expression).at(second * 1000);
      return value.type === "vector" ? value.samples.map(({ labels, value }) => [labels, value]) : [];
    },
  };
}

const RECORD = { record: "doubled", expr: "x * 2", labels: { of: "x" } };
const ALERT = { alert: "High", expr: "x > 5", for: "1s", labels: { severity: "page" } };

describe("recording rules", () => {
  it("write what their expression comes to, with their own name and labels", () => {
    const bench = createBench({ rules: [RECORD, { record: "two", expr: "2" }] });
    bench.write("x", 1, 4);
    bench.evaluate(1);
    expect(bench.ask("doubled", 1)).toEqual([[{ __name__: "doubled", job: "a", of: "x" }, 8]]);
    expect(bench.ask("two", 1)).toEqual([[{ __name__: "two" }, 2]]);
  });

  it("are evaluated in their order: a later one sees what an earlier one wrote", () => {
    const bench = createBench({ rules: [RECORD, { record: "more", expr: "doubled + 1" }] });
    bench.write("x", 1, 4);
    bench.evaluate(1);
    expect(bench.ask("more", 1).map(([, value]) => value)).toEqual([9]);
  });

  it("end what they do not write any more", () => {
    const bench = createBench({ rules: [{ record: "high", expr: "x > 5" }] });
    bench.write("x", 1, 9);
    bench.evaluate(1);
    bench.write("x", 2, 1);
    bench.evaluate(2);
    expect(bench.ask("high", 1)).toHaveLength(1);
    expect(bench.ask("high", 2)).toEqual([]);
  });
});

describe("a recording rule whose results are the same series", () => {
  const two = (bench: ReturnType<typeof createBench>, second: number): void => {
    for (const l of ["a", "b"]) bench.writeSeries({ __name__: "g", l }, second, 1);
  };

  it("fails, and writes none of them", () => {
    const bench = createBench({ rules: [{ record: "r", expr: "g", labels: { l: "over" } }] });
    two(bench, 1);
    bench.evaluate(1);
    expect(bench.rules.groups[0]?.rules).toMatchObject([
      {
        health: "err",
        lastError: "vector contains metrics with the same labelset after applying rule labels",
      },
    ]);
    expect(bench.ask("r", 1)).toEqual([]);
  });

  it("fails as well when an empty label takes the difference away", () => {
    const bench = createBench({ rules: [{ record: "r", expr: "g", labels: { l: "" } }] });
    two(bench, 1);
    bench.evaluate(1);
    expect(bench.rules.groups[0]?.rules).toMatchObject([{ health: "err" }]);
  });
});

describe("a rule that fails", () => {
  const MANY = "x * on () y";

  it("does not end what it wrote, which stays for the look-back", () => {
    const bench = createBench({
      rules: [
        { record: "r", expr: MANY },
        { alert: "A", expr: MANY },
      ],
    });
    for (const name of ["x", "y"]) bench.write(name, 1, 1);
    bench.evaluate(1);
    bench.writeSeries({ __name__: "y", job: "b" }, 2, 1);
    bench.evaluate(2);
    expect(bench.rules.groups[0]?.rules).toMatchObject([{ health: "err" }, { health: "err" }]);
    for (const name of ["r", "ALERTS", "ALERTS_FOR_STATE"]) {
      expect(bench.ask(name, 2), name).toHaveLength(1);
      expect(bench.ask(name, 300), name).toHaveLength(1);
      expect(bench.ask(name, 302), name).toHaveLength(0);
    }
    expect(bench.rules.active).toMatchObject([{ name: "A", state: "firing", activeAt: 1000 }]);
  });

  it("ends it at its next evaluation that succeeds and does not write it", () => {
    const bench = createBench({ rules: [{ record: "r", expr: MANY }] });
    for (const name of ["x", "y"]) bench.write(name, 1, 1);
    bench.evaluate(1);
    bench.writeSeries({ __name__: "y", job: "b" }, 2, 1);
    bench.evaluate(2);
    for (const job of ["a", "b"]) bench.endSeries({ __name__: "y", job }, 3);
    bench.evaluate(3);
    expect(bench.ask("r", 2)).toHaveLength(1);
    expect(bench.ask("r", 3)).toEqual([]);
  });
});

describe("a group's limit", () => {
  it("makes a recording rule with more series fail", () => {
    const bench = createBench({ limit: 1, rules: [{ record: "r", expr: "g" }] });
    for (const l of ["a", "b"]) bench.writeSeries({ __name__: "g", l }, 1, 1);
    bench.evaluate(1);
    expect(bench.rules.groups[0]?.rules).toMatchObject([
      { health: "err", lastError: "exceeded limit of 1 with 2 series" },
    ]);
  });

  it("ends all alerts of a rule with more of them", () => {
    const bench = createBench({ limit: 1, rules: [{ alert: "A", expr: "g" }] });
    bench.writeSeries({ __name__: "g", l: "a" }, 1, 1);
    bench.evaluate(1);
    expect(bench.rules.active).toHaveLength(1);
    for (const l of ["a", "b"]) bench.writeSeries({ __name__: "g", l }, 2, 1);
    bench.evaluate(2);
    expect(bench.rules.active).toEqual([]);
    expect(bench.rules.groups[0]?.rules).toMatchObject([{ lastError: "exceeded limit of 1 with 2 alerts" }]);
  });
});

it("a group's query offset moves what its rules look at, and what they write, into the past", () => {
  const bench = createBench({ query_offset: "2s", rules: [{ record: "r", expr: "x" }] });
  for (let second = 1; second <= 4; second++) bench.write("x", second, second * 10);
  bench.evaluate(4);
  expect(bench.ask("timestamp(r)", 4).map(([, value]) => value)).toEqual([2]);
  expect(bench.ask("r", 4).map(([, value]) => value)).toEqual([20]);
});

describe("alerting rules", () => {
  it("are written as Prometheus does it, pending and firing, and end with the alert", () => {
    const bench = createBench({ rules: [ALERT] });
    bench.write("x", 1, 9);
    expect(bench.evaluate(1)).toEqual(["High: inactive to pending"]);
    const labels = { __name__: "ALERTS", alertname: "High", job: "a", severity: "page" };
    expect(bench.ask("ALERTS", 1)).toEqual([[{ ...labels, alertstate: "pending" }, 1]]);
    expect(bench.evaluate(2)).toEqual(["High: pending to firing"]);
    expect(bench.ask("ALERTS", 2)).toEqual([[{ ...labels, alertstate: "firing" }, 1]]);
    expect(bench.ask("ALERTS_FOR_STATE", 2).map(([, value]) => value)).toEqual([1]);
    bench.write("x", 3, 1);
    expect(bench.evaluate(3)).toEqual(["High: firing to inactive"]);
    expect(bench.ask("ALERTS", 3)).toEqual([]);
  });

  it("that fail now are reported as failed, stop no other, and go on when the data allows it", () => {
    const bench = createBench({
      rules: [
        { alert: "Bad", expr: "x / on () y" },
        { alert: "Good", expr: "x" },
      ],
    });
    for (const name of ["x", "y"]) bench.write(name, 1, 1);
    bench.write("x", 1, 1);
    expect(bench.evaluate(1)).toEqual(["Bad: inactive to firing", "Good: inactive to firing"]);
    const clash = createBench({
      rules: [
        { alert: "Bad", expr: 'x / on () {__name__=~"y|z"}' },
        { alert: "Good", expr: "x" },
      ],
    });
    for (const name of ["x", "y", "z"]) clash.write(name, 1, 1);
    expect(clash.evaluate(1)).toEqual(["Good: inactive to firing"]);
    const [group] = clash.rules.groups;
    expect(group?.rules).toMatchObject([
      { health: "err", lastError: expect.stringContaining("many-to-many") as string },
      { health: "ok", lastError: undefined },
    ]);
  });
});

describe("a group", () => {
  it("with an interval is evaluated no more often than that", () => {
    const bench = createBench(
      { interval: "3s", rules: [RECORD] },
      { rules: [{ record: "each", expr: "x" }] },
    );
    for (let second = 1; second <= 7; second++) {
      bench.write("x", second, second);
      bench.evaluate(second);
    }
    const values = (name: string): number => bench.ask(`count_over_time(${name}[10s])`, 7).length;
    expect([values("doubled"), values("each")]).toEqual([1, 1]);
    expect(bench.ask("count_over_time(doubled[10s])", 7)[0]?.[1]).toBe(3);
    expect(bench.ask("count_over_time(each[10s])", 7)[0]?.[1]).toBe(7);
  });

  it("has not been evaluated before it has", () => {
    const bench = createBench({ rules: [RECORD] });
    expect(bench.rules.groups[0]?.rules).toMatchObject([{ health: "unknown", evaluatedAt: undefined }]);
    bench.evaluate(1);
    expect(bench.rules.groups[0]?.rules).toMatchObject([{ health: "ok", evaluatedAt: 1000 }]);
  });
});

describe("a reload", () => {
  it("keeps the alerts of rules that stay", () => {
    const bench = createBench({ rules: [ALERT] });
    bench.write("x", 1, 9);
    bench.evaluate(1);
    bench.reload({ rules: [RECORD, ALERT] });
    expect(bench.rules.active).toMatchObject([{ name: "High", state: "pending", activeAt: 1000 }]);
    expect(bench.evaluate(2)).toEqual(["High: pending to firing"]);
  });

  it("begins anew with a rule that has changed", () => {
    const bench = createBench({ rules: [ALERT] });
    bench.write("x", 1, 9);
    bench.evaluate(1);
    bench.reload({ rules: [{ ...ALERT, for: "2s" }] });
    expect(bench.rules.active).toEqual([]);
    expect(bench.evaluate(2)).toEqual(["High: inactive to pending"]);
  });

  it("ends what rules wrote that are gone, and nothing that another rule writes now", () => {
    const bench = createBench({ rules: [RECORD, ALERT, { record: "gone", expr: "x" }] });
    bench.write("x", 1, 9);
    bench.evaluate(1);
    bench.evaluate(2);
    bench.reload({ rules: [{ ...RECORD, expr: "x + x" }] });
    bench.evaluate(3);
    expect(bench.ask("gone", 2)).toHaveLength(1);
    expect(bench.ask("gone", 3)).toEqual([]);
    expect(bench.ask("ALERTS", 3)).toEqual([]);
    expect(bench.ask("doubled", 3).map(([, value]) => value)).toEqual([18]);
    bench.evaluate(4);
    expect(bench.ask("doubled", 4)).toHaveLength(1);
  });
});
