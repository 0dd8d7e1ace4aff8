import { describe, expect, it } from "vitest";
import { engineOver, refusalOf } from "../../../support/promql.ts";

const { engine } = engineOver({});
const refused = (expression: string): string => refusalOf(() => engine.compile(expression));

describe("an expression that is not PromQL is refused with its place", () => {
  it.each([
    ["", "1:1: the expression is not complete"],
    ["sum(", "1:5: the expression is not complete"],
    ["up{", "1:4: the expression is not complete"],
    ["nosuch(up)", "1:1: unknown function nosuch"],
    ["1 +\n  nosuch(up)", "2:3: unknown function nosuch"],
    ["up{job='a'", "1:11: the expression is not complete"],
    ["up up", '1:4: unexpected "up"'],
    ["up[5m", "1:6: the expression is not complete"],
    ["up[0s]", "1:4: a duration must be greater than 0"],
    ["{}", "1:1: a selector needs at least one matcher that does not match an empty value"],
    ['{job=~".*"}', "1:1: a selector needs at least one matcher that does not match an empty value"],
    ['up{__name__="down"}', "1:1: the metric's name is given twice"],
    ['up{job=~"("}', "1:9: not a regular expression of RE2 (missing closing )): ("],
    ['up{job=~"(?=a)"}', "1:9: not a regular expression of RE2 (invalid or unsupported Perl syntax): (?=a)"],
  ])("%j: %s", (expression, message) => expect(refused(expression)).toBe(message));
});

describe("PromQL that is not supported, or that makes no sense, is refused when it is loaded", () => {
  it.each([
    ["left + fill(0) right", "1:8: the modifier fill is not supported"],
    ["up + on (job) group_left () fill_right (-1) up", "1:29: the modifier fill_right is not supported"],
    ["up anchored", "1:4: the modifier anchored is not supported"],
    ["up[5m * 2]", "1:7: calculating with durations is not supported"],
    ["up offset (5m)", "1:11: calculating with durations is not supported"],
    ["up </ 2", "1:4: the operator </ is not supported"],
    ["limitk(2, up)", "1:1: the aggregation limitk is not supported"],
    ["info(up, {a=~'.*'})", "1:1: the function info is not supported"],
    ["up @ 5 @ 6", "1:8: a moment (@) is given twice"],
    ["up offset 5m [5m]", "1:14: a range stands before its offset and its moment"],
    ["max_over_time(vector(1)[1d:1ms])", "1:15: a subquery may have 11000 steps, not 86400000"],
    ["constructor(up)", "1:1: unknown function constructor"],
    ["rate(up)", "1:6: rate needs a range vector, as x[5m] here, not an instant vector"],
    ["sum(up[5m])", "1:5: sum needs an instant vector here, not a range vector, as x[5m]"],
    ["abs(1)", "1:5: abs needs an instant vector here, not a number"],
    ["abs(up, up)", "1:1: abs takes 1 arguments, not 2"],
    ["topk(up)", "1:1: topk takes 2 arguments, not 1"],
    ["sum(1, up)", "1:1: sum takes 1 argument, not 2"],
    ["1 > 2", "1:1: comparisons between numbers need the word bool"],
    ["up + bool up", "1:1: bool belongs to comparisons only"],
    ["up and 1", "1:1: and needs instant vectors on both sides"],
    ["up + on (job) 1", "1:1: matching by labels needs instant vectors on both sides"],
    [
      "up and on (job) group_left () up",
      "1:1: and matches many to many by itself: no group_left or group_right",
    ],
    ["up * on (job) group_left (job) up", '1:1: label "job" must not be in both on and group'],
    ["up[5m] + 1", "1:1: operators work on numbers and instant vectors"],
    ["max_over_time(up[5m:])", "1:15: a subquery needs its step, as in [5m:10s]"],
    ["(up + up) offset 5m", "1:11: an offset belongs to a selector or a subquery"],
    ["up + (up) offset 5m", "1:11: an offset belongs to a selector or a subquery"],
    ["sum(up) offset 5m", "1:9: an offset belongs to a selector or a subquery"],
    ["up offset 5m offset 5m", "1:14: an offset is given twice"],
    ["sort_by_label(up, 'job')", "1:1: the function sort_by_label is not supported"],
    ['label_replace(up, "", "$1", "job", ".*")', '1:19: not a label\'s name: ""'],
    ['count_values("", up)', '1:14: not a label\'s name: ""'],
  ])("%j: %s", (expression, message) => expect(refused(expression)).toBe(message));

  it("also where the place is on a later line", () => {
    expect(refused("sum by (job) (\n  # what is counted\n  rate(up)\n)")).toMatch(/^3:8: rate needs a range/);
  });
});

describe("an expression that is understood", () => {
  it("has its type and the metrics that it selects, each once", () => {
    expect(engine.compile("rate(a[5m]) / on (x) b + a")).toMatchObject({
      type: "vector",
      metrics: ["a", "b"],
    });
    expect(engine.compile("time()")).toMatchObject({ type: "scalar", metrics: [] });
    expect(engine.compile('{__name__=~"a.*"}')).toMatchObject({ type: "vector", metrics: [] });
    expect(engine.compile("a[5m]")).toMatchObject({ type: "matrix", metrics: ["a"] });
  });

  it("cannot be queried over a range when it is itself one", () => {
    expect(refusalOf(() => engine.compile("a[5m]").range(0, 1, 1))).toMatch(
      /cannot be asked for over a range/,
    );
  });
});
