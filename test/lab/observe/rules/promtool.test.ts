import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readPromtoolTests, runPromtoolTest } from "../../../support/promtool-tests.ts";
import { parseSeriesNotation } from "../../../support/series-notation.ts";

const ALERTS = join(import.meta.dirname, "..", "..", "..", "..", "dashboards", "alerts");
const TESTS = join(ALERTS, "tests");
const files = readdirSync(TESTS).map((name) => readPromtoolTests(join(TESTS, name)));
const alertNames = new Set(
  readdirSync(ALERTS)
    .filter((name) => name.endsWith(".rules.yml"))
    .flatMap((name) => [...readFileSync(join(ALERTS, name), "utf8").matchAll(/- alert: (\w+)/g)])
    .map(([, name]) => name ?? ""),
);

describe("the tests of the alert rules", () => {
  it("are a file for every alert, and no other", () => {
    expect(alertNames.size).toBe(20);
    expect(readdirSync(TESTS).sort()).toEqual([...alertNames].map((name) => `${name}.test.yml`).sort());
  });

  for (const { path, tests } of files) {
    const name = path.split("/").at(-1)?.replace(".test.yml", "") ?? "";
    it(`show of ${name} that it fires, that it ends, and when it must be silent`, () => {
      const expected = tests.map(({ alert_rule_test: moments }) =>
        moments.map(({ alertname, exp_alerts }) => {
          expect(alertname).toBe(name);
          return exp_alerts.length > 0;
        }),
      );
      expect(expected.some((fires) => fires.includes(true))).toBe(true);
      expect(expected.some((fires) => fires.includes(true) && fires.at(-1) === false)).toBe(true);
      expect(expected.some((fires) => !fires.includes(true))).toBe(true);
    });
  }
});

// The lab evaluates as Prometheus 3 does; the rules must mean the same to those who still run 2.
describe.each([2, 3] as const)("as Prometheus %i evaluates", (prometheus) => {
  for (const file of files) {
    const name = file.path.split("/").at(-1)?.replace(".test.yml", "") ?? "";
    describe(name, () => {
      it.each(file.tests)("$name", (test) => {
        for (const { what, expected, actual } of runPromtoolTest(file, test, prometheus))
          expect(actual, what).toEqual(expected);
      });
    });
  }
});

describe("the notation of a series", () => {
  it.each([
    ["0+10x3", [0, 10, 20, 30]],
    ["5-2x2", [5, 3, 1]],
    ["7x2", [7, 7, 7]],
    ["1 _ 3 stale", [1, undefined, 3, "stale"]],
    ["_x3 1", [undefined, undefined, undefined, 1]],
    ["-1.5+.5x1 1e3 Inf -Inf", [-1.5, -1, 1000, Infinity, -Infinity]],
  ])("reads %s as promtool does", (text, values) => {
    expect(parseSeriesNotation(text)).toEqual(values);
  });

  it.each(["x5", "1+x5", "1x", "stalex2", "_+1x2", "one"])("refuses %s", (text) => {
    expect(() => parseSeriesNotation(text)).toThrow(text);
  });
});
