import { describe, expect, it } from "vitest";
import { percentile, summarise } from "../../../lab/judge/window.ts";
import { failedWith, probed } from "../../support/probe-record.ts";

const WINDOW = { from: 0, to: 10_000, users: 10 };

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

  it("tells the balancer's own answers from a backend's by their flag", () => {
    const { routes } = summarise(
      [failedWith(503), failedWith(503, { flag: "UO", backend: undefined }), failedWith(500)],
      WINDOW,
    );
    expect(routes["page"]?.failures).toEqual({ "503": 1, "503 UO": 1, "500": 1 });
  });

  it("names who answered, also when the answer was a failure, and nobody when nobody did", () => {
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

  it("takes the affected users as a share of the population, not of those who came", () => {
    expect(summarise([failedWith(500, { user: 3 })], WINDOW).affectedRatio).toBe(0.1);
  });
});

describe("a percentile", () => {
  it("is one of the values, by nearest rank, whatever their order", () => {
    const values = Array.from({ length: 100 }, (_, i) => i + 1);
    expect(percentile(values.toReversed(), 0.95)).toBe(95);
    expect(percentile(values, 1)).toBe(100);
    expect(percentile(values, 0)).toBe(1);
    expect(percentile([7], 0.95)).toBe(7);
    expect(percentile([9, 100], 0.5)).toBe(9);
  });

  it("sorts by number and not by text", () => {
    expect(percentile([9, 10, 100], 1)).toBe(100);
  });

  it("of nothing is undefined", () => {
    expect(percentile([], 0.95)).toBeUndefined();
  });
});
