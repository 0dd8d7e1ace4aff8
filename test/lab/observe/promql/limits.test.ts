import { describe, expect, it } from "vitest";
import { createQueryEngine } from "../../../../lab/observe/promql/engine.ts";
import { QueryError, QueryTimeout } from "../../../../lab/observe/promql/query.ts";
import { createSampleStore } from "../../../../lab/observe/sample-store.ts";
import { refusalOf } from "../../../support/promql.ts";

const HOUR = 3_600_000;

/** So many series `x` with a sample a second over ten minutes. */
function engineWith(series: number, maxSamples?: number) {
  const store = createSampleStore({ retentionMs: HOUR, maxSeries: 100_000 });
  for (let n = 0; n < series; n++) {
    const writer = store.series({ __name__: "x", n: String(n) });
    for (let second = 1; second <= 600; second++) writer?.append(second * 1000, second);
  }
  return createQueryEngine(store, {
    subqueryStepMs: 1000,
    ...(maxSamples === undefined ? {} : { maxSamples }),
  });
}

describe("a query that would take too much is refused", () => {
  it("when it is compiled, by the steps of a subquery", () => {
    const { compile } = engineWith(1);
    expect(refusalOf(() => compile("max_over_time(vector(1)[1d:1ms])"))).toBe(
      "1:15: a subquery may have 11000 steps, not 86400000",
    );
    expect(refusalOf(() => compile("max_over_time(vector(1)[11001s:1s])"))).toMatch(/may have 11000 steps/);
    expect(refusalOf(() => compile("max_over_time(vector(1)[11000s:])"))).toBe("");
  });

  it.each([
    "max_over_time(max_over_time(vector(1)[1h:1s])[1h:1s])",
    "max_over_time(max_over_time(max_over_time(vector(1)[3h:1s])[3h:1s])[3h:1s])",
    'max_over_time(count_over_time({n=~".+"}[10m])[10m:1s])',
  ])("at a moment, however deep its subqueries are: %s", (expression) => {
    const query = engineWith(40).compile(expression);
    expect(refusalOf(() => query.at(600_000))).toMatch(/would load too many samples/);
  });

  it("by the samples that it reads, to the last one", () => {
    // A series costs one beside its samples, an element that is made ten, and ten more to make any.
    expect(engineWith(10, 6120).compile("count_over_time(x[10m])").at(600_000)).toMatchObject({
      type: "vector",
    });
    const refused = engineWith(10, 6119).compile("count_over_time(x[10m])");
    expect(refusalOf(() => refused.at(600_000))).toMatch(/more than 6119 for one moment/);
  });

  it("over a range by the samples of one moment, not of all", () => {
    const query = engineWith(10, 6120).compile("count_over_time(x[10m])");
    expect(query.range(0, 600_000, 1000).series).toHaveLength(10);
  });

  it("over a range by its steps and by the points of its result", () => {
    const query = engineWith(1000).compile("x");
    expect(refusalOf(() => query.range(0, 11_001, 1))).toMatch(/exceeded maximum resolution of 11000 points/);
    expect(refusalOf(() => query.range(1000, 600_000, 0))).toMatch(/exceeded maximum resolution/);
    expect(refusalOf(() => query.range(1000, 600_000, 100))).toMatch(/more than 1000000 in the result/);
  });

  it("at a moment by the samples that it shows", () => {
    expect(refusalOf(() => engineWith(1667).compile("x[10m]").at(600_000))).toMatch(
      /more than 1000000 in the result/,
    );
  });

  it("by what its operations make, and most by new labels", () => {
    const query = (expression: string) =>
      engineWith(100).compile(`count_over_time((${expression})[120s:100ms])`);
    expect(() => query("x + 1").at(600_000)).not.toThrow();
    expect(refusalOf(() => query("x + 1 + 1 + 1 + 1 + 1").at(600_000))).toMatch(
      /more than 4000000 for one moment/,
    );
    expect(refusalOf(() => query('label_join(x, "a", "", "n")').at(600_000))).toMatch(/for one moment/);
    expect(refusalOf(() => query("x * ignoring (a) group_left (a) x").at(600_000))).toMatch(/for one moment/);
  });

  it.each([
    ["brackets", "(".repeat(5000) + "1" + ")".repeat(5000)],
    ["signs", "-".repeat(5000) + "1"],
    ["operators", "1" + "+1".repeat(5000)],
    ["powers", "1" + "^1".repeat(5000)],
    ["calls", "abs(".repeat(5000) + "x" + ")".repeat(5000)],
    ["subqueries", "vector(1)" + "[1m:1s]".repeat(5000)],
  ])("before it exhausts the stack: %s", (_what, expression) =>
    expect(refusalOf(() => engineWith(1).compile(expression))).toMatch(
      /nested too deeply|too many operators|needs/,
    ),
  );

  it("when its labels would grow without end", () => {
    const doubled = Array.from({ length: 60 }).reduce<string>(
      (inner) => `label_join(${inner}, "n", "", "n", "n")`,
      "x",
    );
    expect(refusalOf(() => engineWith(1).compile(doubled).at(600_000))).toMatch(
      /a label may have 65536 characters/,
    );
  });

  it("does not depend on how a regular expression is written", () => {
    const query = engineWith(1).compile(
      'label_replace(label_replace(x, "n", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "", ""), "m", "$1", "n", "(a+)+b")',
    );
    expect(query.at(600_000)).toMatchObject({
      samples: [{ labels: { n: expect.stringMatching(/^a+$/) as string } }],
    });
  });
});

describe("a query past its timeout", () => {
  it("ends, at a moment and over a range", () => {
    const query = engineWith(100).compile("count_over_time(x[10m])");
    let looks = 0;
    const expired = (): boolean => ++looks > 2;
    expect(() => query.at(600_000, { expired })).toThrow(QueryTimeout);
    looks = 0;
    expect(() => query.range(0, 600_000, 100_000, { expired })).toThrow(QueryTimeout);
    expect(() => query.at(600_000, { expired: () => false })).not.toThrow();
  });

  it("differs from one that is too much", () => {
    const query = engineWith(10, 100).compile("count_over_time(x[10m])");
    expect(() => query.at(600_000)).toThrow(QueryError);
    expect(() => query.at(600_000)).not.toThrow(QueryTimeout);
  });
});
