import { describe, expect, it } from "vitest";
import { versionsNamed } from "../../dashboards/console/configuration/versions-named.ts";
import { placeIn } from "../../dashboards/console/editor/finding-place.ts";
import { linesOf, placeOfFault, seriesText } from "../../dashboards/console/query/answer-view.ts";
import { createLabMetrics } from "../../dashboards/console/query/lab-metrics.ts";

describe("places and figures of the console's editors", () => {
  it("finds a finding's word in its text, and the end for a place past it", () => {
    const text = "pools:\n  web: 3";
    expect(placeIn(text, { line: 2, column: 3 })).toEqual({ from: 9, to: 12 });
    expect(placeIn(text, { line: 9, column: 9 }).to).toBe(text.length);
  });

  it("reads where an expression was refused", () => {
    expect(placeOfFault("1:5: parse error: unexpected )")).toEqual({ line: 1, column: 5 });
    expect(placeOfFault("too many samples")).toBeUndefined();
  });

  it("names the versions that a change lies between", () => {
    expect(versionsNamed({ kind: "config", detail: "version 3 to 4" })).toEqual({ from: 3, to: 4 });
    expect(versionsNamed({ kind: "config", detail: "version 7 is active" })).toEqual({ from: 6, to: 7 });
    expect(versionsNamed({ kind: "deploy", detail: "version 3 to 4" })).toBeUndefined();
  });

  it("lays series on common times, with gaps where one has no value", () => {
    const lines = linesOf({
      resultType: "matrix",
      result: [
        {
          metric: { __name__: "up", job: "lb" },
          values: [
            [1, "1"],
            [2, "NaN"],
          ],
        },
        { metric: {}, values: [[2, "3"]] },
      ],
    });
    expect(lines.times).toEqual([1, 2]);
    expect(lines.series).toEqual([
      { name: 'up{job="lb"}', values: [1, null] },
      { name: "{}", values: [null, 3] },
    ]);
    expect(seriesText({ __name__: "up" })).toBe("up");
  });

  it("asks for names once in a while, and completes nothing where nothing answers", async () => {
    let asked = 0;
    let now = 0;
    const metrics = createLabMetrics(
      () => {
        asked += 1;
        return Promise.resolve({
          resultType: "vector",
          result: [{ metric: { __name__: "up", job: "a" }, value: [0, "1"] }],
        });
      },
      () => now,
    );
    expect(await metrics.metricNames()).toEqual(["up"]);
    expect(await metrics.metricNames()).toEqual(["up"]);
    expect(asked).toBe(1);
    now = 60_000;
    await metrics.metricNames();
    expect(asked).toBe(2);
    const silent = createLabMetrics(
      () => Promise.reject(new Error("nothing answers")),
      () => now,
    );
    expect(await silent.labelNames("up")).toEqual([]);
  });
});
