import { describe, expect, it } from "vitest";
import { engineOver } from "../../../support/promql.ts";

const { ask, engine } = engineOver({
  steady: "100+10x120",
  reset: "100+10x9 5+10x60",
  zero: "0x30 5+5x30",
  once: "_x20 3",
  gauge: "4 2 8 6 6 NaN 1",
  line: "0+3x60",
  flat: "7x60",
});

describe("rate and its kin", () => {
  it.each([
    ["rate(steady[10s])", 60, ["{} 10"]],
    ["increase(steady[10s])", 60, ["{} 100"]],
    ["delta(steady[10s])", 60, ["{} 100"]],
    ["irate(steady[10s])", 60, ["{} 10"]],
    ["idelta(steady[10s])", 60, ["{} 10"]],
    ["rate(flat[10s])", 60, ["{} 0"]],
  ])("%s of a steady series is what it grows by", (expression, second, result) =>
    expect(ask(expression, second)).toEqual(result),
  );

  it("take a fall for a new start from nothing, and not for a loss", () => {
    // From 180 over 190 and 5 to 15: ten, five and ten in the three seconds between four samples.
    expect(ask("increase(reset[4s])", 11)).toEqual(["{} 33.3333333"]);
    expect(ask("delta(reset[4s])", 11)).toEqual(["{} -220"]);
    expect(ask("irate(reset[4s])", 10)).toEqual(["{} 5"]);
    expect(ask("resets(reset[10s])", 12)).toEqual(["{} 1"]);
  });

  it("do not reach below zero, where a counter cannot have been", () => {
    // Ten samples, the first of them 0: nothing can have been before it.
    expect(ask("increase(zero[10s])", 35)).toEqual(["{} 25"]);
  });

  it("have no result for a single sample, nor for none", () => {
    for (const name of ["rate", "increase", "delta", "irate", "idelta", "deriv"]) {
      expect(ask(`${name}(once[10s])`, 20)).toEqual([]);
      expect(ask(`${name}(once[10s])`, 60)).toEqual([]);
    }
  });
});

describe("functions of all samples in a range", () => {
  it.each([
    ["count_over_time(gauge[5s])", ["{} 5"]],
    ["sum_over_time(gauge[5s])", ["{} 26"]],
    ["avg_over_time(gauge[5s])", ["{} 5.2"]],
    ["min_over_time(gauge[5s])", ["{} 2"]],
    ["max_over_time(gauge[5s])", ["{} 8"]],
    ["last_over_time(gauge[5s])", ["gauge{} 6"]],
    ["present_over_time(gauge[5s])", ["{} 1"]],
    ["changes(gauge[5s])", ["{} 3"]],
    ["quantile_over_time(0.5, gauge[5s])", ["{} 6"]],
    ["stdvar_over_time(gauge[5s])", ["{} 4.16"]],
    ["stddev_over_time(gauge[5s])", ["{} 2.03960781"]],
    ["absent_over_time(gauge[5s])", []],
  ])("%s", (expression, result) => expect(ask(expression, 4)).toEqual(result));

  it("pass over NaN where there is something else", () => {
    expect(ask("max_over_time(gauge[3s])", 6)).toEqual(["{} 6"]);
    expect(ask("min_over_time(gauge[2s])", 6)).toEqual(["{} 1"]);
    expect(ask("sum_over_time(gauge[3s])", 6)).toEqual(["{} NaN"]);
  });

  it("lay a line through the samples", () => {
    expect(ask("deriv(line[10s])", 30)).toEqual(["{} 3"]);
    expect(ask("predict_linear(line[10s], 60)", 30)).toEqual(["{} 270"]);
    expect(ask("deriv(flat[10s])", 30)).toEqual(["{} 0"]);
  });

  it("show what is absent, with the labels of its selector", () => {
    expect(ask('absent_over_time(nosuch{a="1", b=~"2"}[5s])', 4)).toEqual(['{a="1"} 1']);
  });

  it("do not make two series one by dropping their names", () => {
    expect(() => ask('rate({__name__=~"steady|flat"}[10s])', 30)).toThrow("same labelset");
  });
});

describe("over a range of moments", () => {
  it("an expression has a point at every step, both ends included, and none where it has no value", () => {
    const start = Date.UTC(2026, 0, 1);
    const [series, ...more] = engine.compile("once > 0").range(start + 18_000, start + 22_000, 1000).series;
    expect(more).toEqual([]);
    expect(series?.points.map(([at]) => (at - start) / 1000)).toEqual([20, 21, 22]);
  });
});
