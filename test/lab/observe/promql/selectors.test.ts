import { describe, expect, it } from "vitest";
import { engineOver } from "../../../support/promql.ts";

const { ask } = engineOver({
  'x{job="a",zone="1"}': "1+1x400",
  'x{job="b",zone="2"}': "10+10x400",
  'x{job="c"}': "5 5 5 stale 6",
  'y{job="a"}': "7x10",
});

describe("a selector", () => {
  it.each([
    ['x{job="a"}', ['x{job="a",zone="1"} 2']],
    ['x{job!="a"}', ['x{job="b",zone="2"} 20', 'x{job="c"} 5']],
    ['x{job=~"a|b"}', ['x{job="a",zone="1"} 2', 'x{job="b",zone="2"} 20']],
    ['x{job!~"a|b"}', ['x{job="c"} 5']],
    ['x{zone=""}', ['x{job="c"} 5']],
    ['x{zone!=""}', ['x{job="a",zone="1"} 2', 'x{job="b",zone="2"} 20']],
    ['x{job=~"a.+"}', []],
    ['{job="a"}', ['x{job="a",zone="1"} 2', 'y{job="a"} 7']],
    ['{__name__=~"x|y", job="a"}', ['x{job="a",zone="1"} 2', 'y{job="a"} 7']],
    ["nothing", []],
  ])("%s finds what matches, its expression anchored at both ends", (expression, found) =>
    expect(ask(expression, 1)).toEqual(found),
  );

  it("sees a sample for five minutes, and not longer", () => {
    expect(ask("y", 10 + 299)).toEqual(['y{job="a"} 7']);
    expect(ask("y", 10 + 300)).toEqual([]);
  });

  it("does not see a series that has ended, until it is back", () => {
    expect(ask('x{job="c"}', 2)).toEqual(['x{job="c"} 5']);
    expect(ask('x{job="c"}', 3)).toEqual([]);
    expect(ask('x{job="c"}', 4)).toEqual(['x{job="c"} 6']);
  });

  it("looks back by its offset, and forward by a negative one", () => {
    expect(ask('x{job="a"} offset 10s', 30)).toEqual(['x{job="a",zone="1"} 21']);
    expect(ask('x{job="a"} offset -10s', 30)).toEqual(['x{job="a",zone="1"} 41']);
    expect(ask('sum_over_time(x{job="a"}[2s] offset 10s)', 30)).toEqual(['{job="a",zone="1"} 41']);
    expect(ask('x{job="a"} - x{job="a"} offset 10s', 30)).toEqual(['{job="a",zone="1"} 10']);
  });

  it("over a range does not have the range's left edge, nor the marks of an end", () => {
    expect(ask('x{job="a"}[3s]', 10)).toEqual(['x{job="a",zone="1"} 9 10 11']);
    expect(ask('x{job="c"}[10s]', 5)).toEqual(['x{job="c"} 5 5 5 6']);
  });

  it("takes the names that every object has for labels like any other", () => {
    expect(ask('y{constructor=""}', 1)).toEqual(['y{job="a"} 7']);
    expect(ask('y{toString!=""}', 1)).toEqual([]);
    expect(ask('label_join(y, "b", "", "valueOf")', 1)).toEqual(['y{job="a"} 7']);
    expect(ask("count by (constructor) (y)", 1)).toEqual(["{} 1"]);
  });
});

describe("a subquery", () => {
  it("is an expression at every whole multiple of its step", () => {
    expect(ask('max_over_time((x{job="a"} * 2)[10s:5s])', 32)).toEqual(['{job="a",zone="1"} 62']);
    expect(ask('count_over_time((x{job="a"} * 2)[10s:5s])', 32)).toEqual(['{job="a",zone="1"} 2']);
  });
});
