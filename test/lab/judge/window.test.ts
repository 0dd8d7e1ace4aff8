import { describe, expect, it } from "vitest";
import { createSummary, percentile, summarise } from "../../../lab/judge/window.ts";
import { failedWith, probed } from "../../support/probe-record.ts";

const WINDOW = { from: 0, to: 10_000, affectedRatio: 0 };

describe("a window's summary", () => {
  it("says nothing bad and nothing good of users that were not seen", () => {
    const empty = summarise([], WINDOW);
    expect(empty).toMatchObject({ requests: 0, failed: 0, failedRatio: 0, affectedRatio: 0, routes: {} });
  });

  it("counts answers by what users got: a status, or what came in its place", () => {
    const { statuses } = summarise(
      [
        probed(),
        failedWith(503),
        failedWith(503),
        probed({ result: "refused", status: undefined }),
        probed({ result: "timeout", status: undefined }),
        probed({ result: "cut", status: 200 }),
        probed({ result: "wrong", status: 200 }),
      ],
      WINDOW,
    );
    expect(statuses).toEqual({ "200": 1, "503": 2, refused: 1, timeout: 1, cut: 1, wrong: 1 });
  });

  it("distinguishes the balancer's own answers from a backend's by their flag", () => {
    const { routes } = summarise(
      [failedWith(503), failedWith(503, { flag: "UO", backend: undefined }), failedWith(500)],
      WINDOW,
    );
    expect(routes["page"]?.failures).toEqual({ "503": 1, "503 UO": 1, "500": 1 });
  });

  it("names the backend that answered, also when the answer was a failure, and none when none did", () => {
    const { routes } = summarise(
      [
        probed({ backend: "web-1" }),
        failedWith(503, { backend: "web-2" }),
        failedWith(502, { backend: undefined }),
      ],
      WINDOW,
    );
    expect(routes["page"]?.answeredBy).toEqual({ "web-1": 1, "web-2": 1 });
  });

  it("takes durations of what did not fail only: a quick refusal makes no page quick", () => {
    const { routes } = summarise(
      [probed({ durationMs: 90 }), failedWith(503, { durationMs: 1 }), failedWith(503, { route: "login" })],
      WINDOW,
    );
    expect(routes["page"]?.p95Ms).toBe(90);
    expect(routes["login"]).toMatchObject({ requests: 1, failed: 1, p95Ms: undefined });
  });

  it("names the backends whose answers failed", () => {
    const { routes } = summarise(
      [
        failedWith(503, { backend: "web-2" }),
        failedWith(502, { backend: undefined }),
        probed({ backend: "web-1" }),
      ],
      WINDOW,
    );
    expect(routes["page"]?.failedBy).toEqual({ "web-2": 1 });
  });

  it("sums up any number of requests, a part at a time", () => {
    const summary = createSummary();
    summary.add([probed({ durationMs: 90 }), failedWith(503)]);
    const first = summary.summed(WINDOW);
    summary.add([probed({ durationMs: 10.4 })]);
    expect(first).toMatchObject({ requests: 2, failed: 1, statuses: { "200": 1, "503": 1 } });
    expect(summary.summed(WINDOW)).toMatchObject({ requests: 3, failed: 1, routes: { page: { p95Ms: 90 } } });
  });
});

describe("a percentile", () => {
  const counts = (values: readonly number[]) => new Map(values.map((value) => [value, 1]));

  it("is one of the values, by nearest rank, whatever their order", () => {
    const values = Array.from({ length: 100 }, (_, i) => i + 1);
    expect(percentile(counts(values.toReversed()), 0.95)).toBe(95);
    expect(percentile(counts(values), 1)).toBe(100);
    expect(percentile(counts(values), 0)).toBe(1);
    expect(percentile(counts([7]), 0.95)).toBe(7);
    expect(percentile(counts([9, 100]), 0.5)).toBe(9);
  });

  it("counts each value as often as it came", () => {
    expect(
      percentile(
        new Map([
          [1, 94],
          [50, 6],
        ]),
        0.95,
      ),
    ).toBe(50);
    expect(
      percentile(
        new Map([
          [1, 95],
          [50, 5],
        ]),
        0.95,
      ),
    ).toBe(1);
  });

  it("sorts by number and not by text", () => {
    expect(percentile(counts([9, 10, 100]), 1)).toBe(100);
  });

  it("of nothing is undefined", () => {
    expect(percentile(counts([]), 0.95)).toBeUndefined();
  });
});
