import { expect, it } from "vitest";
import { formatExpression } from "../../../../lab/observe/promql/format.ts";

/** As a real Prometheus formats them; a test beside one compares many more. */
it.each([
  ["1+2*3", "1 + 2 * 3"],
  ["((fruit))  # a remark (\n+ 1", "((fruit)) + 1"],
  ['{__name__="fruit",kind=~"a|b"}', '{__name__="fruit",kind=~"a|b"}'],
  ["fruit{kind='apple',colour!=\"red\"}", 'fruit{colour!="red",kind="apple"}'],
  ["rate(x_total[7d]offset 90m)", "rate(x_total[1w] offset 1h30m)"],
  ["max_over_time(x[1d:]@end())", "max_over_time(x[1d:] @ end())"],
  ["sum(x)by(a,b)", "sum by (a, b) (x)"],
  ["x>bool on(a)group_left(b)y", "x > bool on (a) group_left (b) y"],
  [
    `sum by (kind, colour, instance, job) (rate(eaten_total{job="a long name of a job"}[5m])) / count(rate(eaten_total[5m]))`,
    `  sum by (kind, colour, instance, job) (rate(eaten_total{job="a long name of a job"}[5m]))
/
  count(rate(eaten_total[5m]))`,
  ],
])("%s is written as %s", (given, formatted) => expect(formatExpression(given)).toBe(formatted));

it("what was formatted is formatted already", () => {
  const long = `topk(5, (sum by (kind, colour, instance, job) (rate(eaten_total{job="a long name of a job"}[5m])) > 1))`;
  const formatted = formatExpression(long);
  expect(formatExpression(formatted)).toBe(formatted);
});
