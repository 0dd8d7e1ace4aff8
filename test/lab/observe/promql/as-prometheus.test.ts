import { describe, expect, it } from "vitest";
import { engineOver, refusalOf } from "../../../support/promql.ts";

const { ask, engine } = engineOver({
  'load{n="1"}': "10+10x200",
  bar: "5x200",
  foo: "1x200",
  'big{n="1"}': "1e308x5",
  'big{n="2"}': "1e308x5",
  'octal_bucket{le="010"}': "5x5",
  'octal_bucket{le="0x1p4"}': "10x5",
  'octal_bucket{le="+Inf"}': "10x5",
  'octal_bucket{le="0x20"}': "99x5",
  'octal_bucket{le="1_6"}': "10x5",
  'a_bucket{le="1"}': "1x5",
  'a_bucket{le="Inf"}': "2x5",
  'b_bucket{le="1"}': "1x5",
  'b_bucket{le="Inf"}': "2x5",
  'tiny{n="1"}': "0.0000001x5",
  'huge{n="1"}': "1e21x5",
  line: "0+1x200",
});

describe("what is bound to what", () => {
  it.each([
    ["load > load offset 50s * 2", 100, []],
    ["bar - foo offset 1m * 100", 100, ["{} -95"]],
    ["-foo offset 1m ^ 2", 100, ["{} -1"]],
    ["2 ^ 3 ^ 2", 0, ["512"]],
    ["-2 ^ 2", 0, ["-4"]],
    ["10 - 2 - 3 * 2 % 4", 0, ["6"]],
    ["2 * 3 + 4 == bool 10", 0, ["1"]],
    ["-2 * 3", 0, ["-6"]],
    ["foo and line or bar", 0, ["foo{} 1"]],
    ["bar unless foo offset 1s or on () foo", 2, ["foo{} 1"]],
    ["line @ 1767225610 - line @ 1767225620 offset 5s", 100, ["{} -5"]],
    ["line offset 5s @ 1767225620", 100, ["line{} 15"]],
    ["line @ start()", 100, ["line{} 100"]],
    ["max_over_time(line[10s] @ 1767225620)", 100, ["{} 20"]],
    ["max_over_time((line @ 1767225620)[10s:1s])", 100, ["{} 20"]],
    ["(foo) + on () group_left () 1", 0, ["{} 2"]],
  ])("%s at second %d", (expression, second, found) => expect(ask(expression, second)).toEqual(found));

  it("start() and end() are those of the whole query, however deep they are", () => {
    const start = Date.UTC(2026, 0, 1);
    const valuesOf = (expression: string) =>
      engine
        .compile(expression)
        .range(start + 10_000, start + 30_000, 10_000)
        .series[0]?.points.map(([, value]) => value);
    expect(valuesOf("line @ start()")).toEqual([10, 10, 10]);
    expect(valuesOf("max_over_time((line @ end())[5s:1s])")).toEqual([30, 30, 30]);
  });
});

describe("what comes of odd values", () => {
  it.each([
    ["avg(big)", 0, ["{} 1e+308"]],
    ["avg_over_time(big{n='1'}[5s])", 4, ['{n="1"} 1e+308']],
    ["histogram_quantile(0.5, octal_bucket)", 0, ["{} 12"]],
    ["absent(x{job!='',job='a'})", 0, ['{job="a"} 1']],
    ["absent(x{job='a',job!=''})", 0, ["{} 1"]],
    ["absent_over_time(x{job='a',job='b',c='d'}[5s])", 0, ['{c="d"} 1']],
    ['count_values("v", tiny)', 0, ['{v="0.0000001"} 1']],
    ['count_values("v", huge)', 0, ['{v="1000000000000000000000"} 1']],
    ['count_values without (n) ("n", huge)', 0, ["{} 1"]],
    ["predict_linear(line[10s] offset 50s, 10)", 100, ["{} 110"]],
    ["year(vector(NaN))", 0, ["{} 292277027000"]],
    ["day_of_week(vector(-1))", 0, ["{} 3"]],
    ["hour(vector(-0.5))", 0, ["{} 0"]],
    ["topk(0, foo)", 0, []],
    ["clamp_min(vector(NaN), Inf)", 0, ["{} Infinity"]],
    ["vector(010) + 0x10", 0, ["{} 24"]],
  ])("%s at second %d", (expression, second, found) => expect(ask(expression, second)).toEqual(found));
});

describe("what the data does not allow is an error, not another answer", () => {
  it.each([
    [
      'histogram_quantile(0.9, {__name__=~"a_bucket|b_bucket"})',
      "vector cannot contain metrics with the same labelset",
    ],
    ["topk(NaN, foo)", "Parameter value is NaN"],
    ["topk(1e20, foo)", "Scalar value 100000000000000000000 overflows int64"],
    ['clamp(bar + on () {__name__=~"foo|bar"}, 2, 1)', "found duplicate series"],
    ["(big > on () foo)", "many-to-one matching must be explicit"],
  ])("%s", (expression, why) =>
    expect(refusalOf(() => engine.compile(expression).at(Date.UTC(2026, 0, 1)))).toContain(why),
  );

  it("also where two metrics take turns in a range", () => {
    const start = Date.UTC(2026, 0, 1);
    const turns = engineOver({ first: "1 2 3 stale", second: "_ _ _ _ _ 5 6 7" }).engine.compile(
      'increase({__name__=~"first|second"}[2s])',
    );
    expect(refusalOf(() => turns.range(start, start + 8000, 1000))).toContain("same labelset");
  });
});

describe("annotations", () => {
  const at = Date.UTC(2026, 0, 1) + 4000;
  it.each([
    [
      "rate(line[4s])",
      {
        infos: [
          'PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "line" (1:6)',
        ],
      },
    ],
    [
      "quantile(1.5, foo)",
      { warnings: ["PromQL warning: quantile value should be between 0 and 1, got 1.5 (1:10)"] },
    ],
    [
      "sum(\n  quantile_over_time(NaN, line[4s]))",
      { warnings: ["PromQL warning: quantile value should be between 0 and 1, got NaN (2:22)"] },
    ],
    [
      "histogram_quantile(0.5, foo)",
      { warnings: ['PromQL warning: bucket label "le" is missing or has a malformed value of "" (1:25)'] },
    ],
    ["foo", {}],
  ])("of %s", (expression, expected) => {
    const { warnings, infos } = engine.compile(expression).at(at);
    expect({ ...(warnings && { warnings }), ...(infos && { infos }) }).toEqual(expected);
  });

  it("show that counts were made monotonic, and between which bounds", () => {
    const { engine: falling } = engineOver({
      'f_bucket{le="1"}': "5x5",
      'f_bucket{le="2"}': "3x5",
      'f_bucket{le="+Inf"}': "9x5",
    });
    expect(falling.compile("histogram_quantile(0.5, f_bucket)").at(at).infos).toEqual([
      "PromQL info: input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile), from buckets 2 to 2, with a max diff of 2, over 1 samples from 2026-01-01T00:00:04Z to 2026-01-01T00:00:04Z (1:25)",
    ]);
  });

  it("of a range are there once, and its series are in the order of their labels", () => {
    const query = engine.compile('sort(rate({__name__=~"line|load"}[4s]))');
    expect(query.range(at, at + 2000, 1000)).toMatchObject({
      series: [{ labels: {} }, { labels: { n: "1" } }],
      warnings: [expect.stringContaining("sort is ineffective") as string],
      infos: [
        expect.stringContaining('"line"') as string,
        expect.stringContaining('"load"') as string,
      ].reverse(),
    });
  });
});
