import { describe, expect, it } from "vitest";
import { engineOver } from "../../../support/promql.ts";

const { ask } = engineOver({
  'x{a="1"}': "-1.6x10",
  'x{a="2"}': "2.5x10",
  'x{a="3"}': "NaNx10",
  one: "4x10",
  'm{path="/shop/cart",zone="eu"}': "1x10",
  'h_bucket{le="0.1"}': "10x10",
  'h_bucket{le="0.5"}': "15x10",
  'h_bucket{le="1"}': "20x10",
  'h_bucket{le="+Inf"}': "20x10",
  'g_bucket{le="0.1"}': "0x10",
  'g_bucket{le="+Inf"}': "8x10",
  'e_bucket{le="0.1"}': "0x10",
  'e_bucket{le="+Inf"}': "0x10",
});

describe("functions of each value", () => {
  it.each([
    ["abs(x)", [1.6, 2.5, Number.NaN]],
    ["ceil(x)", [-1, 3, Number.NaN]],
    ["floor(x)", [-2, 2, Number.NaN]],
    ["round(x)", [-2, 3, Number.NaN]],
    ["round(x, 0.5)", [-1.5, 2.5, Number.NaN]],
    ["sgn(x)", [-1, 1, Number.NaN]],
    ["clamp(x, 0, 1)", [0, 1, Number.NaN]],
    ["clamp_min(x, 0)", [0, 2.5, Number.NaN]],
    ["clamp_max(x, 0)", [-1.6, 0, Number.NaN]],
    ["-x", [1.6, -2.5, Number.NaN]],
  ])("%s", (expression, values) =>
    expect(ask(expression, 5)).toEqual(values.map((value, i) => `{a="${i + 1}"} ${value}`)),
  );

  it("are nothing within limits that leave nothing", () => expect(ask("clamp(x, 1, 0)", 5)).toEqual([]));

  it.each([
    ["sqrt(one)", 2],
    ["ln(exp(one))", 4],
    ["log2(one)", 2],
    ["log10(one * 25)", 2],
  ])("%s", (expression, value) => expect(ask(expression, 5)).toEqual([`{} ${value}`]));
});

describe("functions of time", () => {
  it.each([
    ["time()", ["1767225605"]],
    ["timestamp(one) - 1767225600", ["{} 5"]],
    ["timestamp(one offset 2s) - 1767225600", ["{} 3"]],
    ["year()", ["{} 2026"]],
    ["month()", ["{} 1"]],
    ["day_of_month()", ["{} 1"]],
    ["day_of_week()", ["{} 4"]],
    ["hour(vector(3600 * 5))", ["{} 5"]],
    ["minute(vector(3600 + 120))", ["{} 2"]],
  ])("%s", (expression, result) => expect(ask(expression, 5)).toEqual(result));
});

describe("functions between numbers and vectors", () => {
  it.each([
    ["vector(3)", ["{} 3"]],
    ["scalar(one)", ["4"]],
    ["scalar(x)", ["NaN"]],
    ["scalar(nosuch)", ["NaN"]],
    ["pi() > bool 3", ["1"]],
    ["absent(one)", []],
    ['absent(nosuch{a="1", a="2", b="3", c=~"4"})', ['{b="3"} 1']],
    ["absent(one > 5)", ["{} 1"]],
  ])("%s", (expression, result) => expect(ask(expression, 5)).toEqual(result));

  it("sorts up or down, with NaN last either way", () => {
    expect(ask("sort(x)", 5)).toEqual(['x{a="1"} -1.6', 'x{a="2"} 2.5', 'x{a="3"} NaN']);
    expect(ask("sort_desc(x)", 5)).toEqual(['x{a="2"} 2.5', 'x{a="1"} -1.6', 'x{a="3"} NaN']);
  });
});

describe("functions of labels", () => {
  it.each([
    [
      'label_replace(m, "first", "$1", "path", "/([^/]+)/.*")',
      'm{first="shop",path="/shop/cart",zone="eu"} 1',
    ],
    [
      'label_replace(m, "first", "${1}s", "path", "/(\\\\w+).*")',
      'm{first="shops",path="/shop/cart",zone="eu"} 1',
    ],
    ['label_replace(m, "zone", "", "zone", ".*")', 'm{path="/shop/cart"} 1'],
    ['label_replace(m, "zone", "us", "path", "/shop")', 'm{path="/shop/cart",zone="eu"} 1'],
    ['label_join(m, "both", "-", "zone", "path")', 'm{both="eu-/shop/cart",path="/shop/cart",zone="eu"} 1'],
  ])("%s", (expression, result) => expect(ask(expression, 5)).toEqual([result]));

  it("may not make two series one", () => {
    expect(() => ask('label_replace(x, "a", "", "a", ".*")', 5)).toThrow("same labelset");
  });
});

describe("histogram_quantile", () => {
  it.each([
    ["histogram_quantile(0.5, h_bucket)", ["{} 0.1"]],
    ["histogram_quantile(0.625, h_bucket)", ["{} 0.3"]],
    ["histogram_quantile(1, h_bucket)", ["{} 1"]],
    ["histogram_quantile(-1, h_bucket)", ["{} -Infinity"]],
    ["histogram_quantile(2, h_bucket)", ["{} Infinity"]],
  ])("%s lies within its bucket", (expression, result) => expect(ask(expression, 5)).toEqual(result));

  it("is the last known bound for what is above all of them", () =>
    expect(ask("histogram_quantile(0.9, g_bucket)", 5)).toEqual(["{} 0.1"]));

  it("is unknown without observations, and without a bucket for all of them", () => {
    expect(ask("histogram_quantile(0.9, e_bucket)", 5)).toEqual(["{} NaN"]);
    expect(ask('histogram_quantile(0.9, h_bucket{le!="+Inf"})', 5)).toEqual(["{} NaN"]);
  });

  it("passes over what has no bound", () => expect(ask("histogram_quantile(0.9, x)", 5)).toEqual([]));
});
