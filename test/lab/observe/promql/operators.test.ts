import { describe, expect, it } from "vitest";
import { engineOver, refusalOf } from "../../../support/promql.ts";

const { ask, engine } = engineOver({
  'r{pool="web",up="1"}': "30x10",
  'r{pool="web",up="2"}': "10x10",
  'r{pool="auth",up="1"}': "5x10",
  'w{pool="web",up="1"}': "3x10",
  'w{pool="web",up="2"}': "1x10",
  'p{pool="web",kind="b"}': "40x10",
  'p{pool="auth",kind="b"}': "5x10",
});
const at = (expression: string): readonly string[] => ask(expression, 5);
const AT = Date.UTC(2026, 0, 1) + 5000;

describe("numbers", () => {
  it.each([
    ["2 + 3 * 4", "14"],
    ["(2 + 3) * 4", "20"],
    ["-2 ^ 2", "-4"],
    ["2 ^ 3 ^ 2", "512"],
    ["2 ^ -1", "0.5"],
    ["-7 % 3", "-1"],
    ["1 / 0", "Infinity"],
    ["0 / 0", "NaN"],
    ["1 == bool 1", "1"],
    ["NaN == bool NaN", "0"],
    ["5m", "300"],
    ["0x1F + 1e3", "1031"],
  ])("%s = %s", (expression, value) => expect(at(expression)).toEqual([value]));
});

describe("a vector and a number", () => {
  it.each([
    ["w * 2", ['{pool="web",up="1"} 6', '{pool="web",up="2"} 2']],
    ["6 - w", ['{pool="web",up="1"} 3', '{pool="web",up="2"} 5']],
    ["w > 2", ['w{pool="web",up="1"} 3']],
    ["2 > w", ['w{pool="web",up="2"} 1']],
    ["w > bool 2", ['{pool="web",up="1"} 1', '{pool="web",up="2"} 0']],
    ["w != 3", ['w{pool="web",up="2"} 1']],
  ])("%s", (expression, result) => expect(at(expression)).toEqual(result));
});

describe("two vectors", () => {
  it.each([
    ["r / w", ['{pool="web",up="1"} 10', '{pool="web",up="2"} 10']],
    ["r > w * 10", []],
    ["r >= w * 10", ['r{pool="web",up="1"} 30', 'r{pool="web",up="2"} 10']],
    ["r >= bool w * 20", ['{pool="web",up="1"} 0', '{pool="web",up="2"} 0']],
    ["sum by (pool) (r) / on (pool) p", ['{pool="web"} 1', '{pool="auth"} 1']],
    ["sum by (pool) (r) / ignoring (kind) p", ['{pool="web"} 1', '{pool="auth"} 1']],
    [
      "r / on (pool) group_left p",
      ['{pool="web",up="1"} 0.75', '{pool="web",up="2"} 0.25', '{pool="auth",up="1"} 1'],
    ],
    [
      'w * on (pool) group_left (kind) p{pool="web"}',
      ['{kind="b",pool="web",up="1"} 120', '{kind="b",pool="web",up="2"} 40'],
    ],
    ["p - on (pool) group_right w", ['{pool="web",up="1"} 37', '{pool="web",up="2"} 39']],
  ])("%s", (expression, result) => expect(at(expression)).toEqual(result));

  it.each([
    ["r and w", ['r{pool="web",up="1"} 30', 'r{pool="web",up="2"} 10']],
    ["r unless w", ['r{pool="auth",up="1"} 5']],
    ["w or r", ['w{pool="web",up="1"} 3', 'w{pool="web",up="2"} 1', 'r{pool="auth",up="1"} 5']],
    ['r and on (pool) p{pool="auth"}', ['r{pool="auth",up="1"} 5']],
    ["r unless on (pool) w", ['r{pool="auth",up="1"} 5']],
    [
      "r and ignoring (kind, up) p",
      ['r{pool="web",up="1"} 30', 'r{pool="web",up="2"} 10', 'r{pool="auth",up="1"} 5'],
    ],
    ["r or nosuch", ['r{pool="web",up="1"} 30', 'r{pool="web",up="2"} 10', 'r{pool="auth",up="1"} 5']],
  ])("%s", (expression, result) => expect(at(expression)).toEqual(result));

  it.each([
    ["r / on (pool) p", "many-to-one matching must be explicit"],
    ["p / on (pool) r", "many-to-many matching not allowed"],
    ["r / on (pool) group_left w", "many-to-many matching not allowed"],
    ["r * on (pool) group_right (x) r", "many-to-many matching not allowed"],
  ])("%s is refused by what the data are", (expression, message) => {
    const query = engine.compile(expression);
    expect(refusalOf(() => query.at(AT))).toContain(message);
    expect(refusalOf(() => query.range(AT, AT, 1000))).toContain(message);
  });

  it("are refused for data that does not allow them, and only while it does not", () => {
    const query = engine.compile("r / on (pool) p");
    expect(refusalOf(() => query.at(AT))).not.toBe("");
    expect(query.at(AT + 3_600_000)).toEqual({ type: "vector", samples: [] });
  });
});

describe("aggregation", () => {
  it.each([
    ["sum(r)", ["{} 45"]],
    ["sum by (pool) (r)", ['{pool="web"} 40', '{pool="auth"} 5']],
    ["sum without (up) (r)", ['{pool="web"} 40', '{pool="auth"} 5']],
    ["avg(r)", ["{} 15"]],
    ["min by (pool) (r)", ['{pool="web"} 10', '{pool="auth"} 5']],
    ["max(r)", ["{} 30"]],
    ["count by (up) (r)", ['{up="1"} 2', '{up="2"} 1']],
    ["group by (pool) (r)", ['{pool="web"} 1', '{pool="auth"} 1']],
    ["stddev by (pool) (r)", ['{pool="web"} 10', '{pool="auth"} 0']],
    ["stdvar by (pool) (r)", ['{pool="web"} 100', '{pool="auth"} 0']],
    ["quantile(0.5, r)", ["{} 10"]],
    ["quantile by (pool) (0.25, r)", ['{pool="web"} 15', '{pool="auth"} 5']],
    ["topk(2, r)", ['r{pool="web",up="1"} 30', 'r{pool="web",up="2"} 10']],
    ["bottomk(1, r)", ['r{pool="auth",up="1"} 5']],
    ["topk by (pool) (1, r)", ['r{pool="web",up="1"} 30', 'r{pool="auth",up="1"} 5']],
    ["topk(0, r)", []],
    ['count_values("v", r > 9)', ['{v="30"} 1', '{v="10"} 1']],
    ["sum(nosuch)", []],
    ["sum by (nosuch) (r)", ["{} 45"]],
  ])("%s", (expression, result) => expect(at(expression)).toEqual(result));
});
