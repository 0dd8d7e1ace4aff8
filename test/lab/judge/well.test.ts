import { describe, expect, it } from "vitest";
import { judgeWindow, percent } from "../../../lab/judge/well.ts";
import type { ProbeRecord } from "../../../lab/probe/record.ts";
import { judged } from "../../support/judged.ts";
import { failedWith, probed } from "../../support/probe-record.ts";

const steady = { failedRatio: 0.005, affectedRatio: 0.005, p95Ms: { page: 150 }, maxShare: { page: 0.4 } };
const usual = { now: 200, baseline: 200 };
const SPREAD = ["web-1", "web-2", "web-3"] as const;

/** 1,000 pages of 500 users from three backends in turn, but for what the test changes. */
const pages = (change: (i: number) => Partial<ProbeRecord> = () => ({})): ProbeRecord[] =>
  Array.from({ length: 1000 }, (_, i) =>
    probed({ sentAt: i * 10, user: i % 500, backend: SPREAD[i % 3], ...change(i) }),
  );

const judge = (records: readonly ProbeRecord[], more: Partial<Parameters<typeof judgeWindow>[1]> = {}) =>
  judgeWindow(judged(records, { from: 0, to: 10_000, users: 500 }), {
    steady,
    offered: usual,
    unanswered: 0,
    ...more,
  });

describe("users are well", () => {
  it("when everything is within steady state", () => {
    expect(judge(pages())).toEqual({ ok: true, felt: [] });
  });

  it("with failures up to the limit, which a single one more goes over", () => {
    const failing = (count: number) =>
      pages((i) => (i < count ? { result: "status", status: 503, user: 0 } : {}));
    expect(judge(failing(5)).ok).toBe(true);
    expect(judge(failing(6)).felt).toEqual(["0.6 % of requests fail (steady state: up to 0.5 %)"]);
  });

  it("not when nobody was seen", () => {
    expect(judge([]).ok).toBe(false);
    expect(judge([]).felt[0]).toContain("no request of the prober was seen");
  });

  it("not while requests hang, for a request without an answer is a failed one", () => {
    expect(judge(pages(), { unanswered: 10 }).felt).toEqual([
      "1.0 % of requests fail (steady state: up to 0.5 %)",
    ]);
    expect(judge([], { unanswered: 10 }).felt[0]).toContain("100.0 % of requests fail");
  });

  it("not while some users fail all the time, few as their requests may be", () => {
    const three = pages((i) => ([7, 8, 9].includes(i % 500) ? { result: "status", status: 502 } : {}));
    expect(judge(three, { steady: { ...steady, failedRatio: 0.05 } }).felt).toEqual([
      "0.6 % of users are affected (up to 0.5 %)",
    ]);
  });

  it("not while pages are slow, though nothing fails", () => {
    expect(judge(pages((i) => (i % 10 === 0 ? { durationMs: 600 } : {}))).felt).toEqual([
      "page: p95 is 600 ms (up to 150 ms)",
    ]);
  });

  it("not while one backend gives too many of the answers, though it copes", () => {
    expect(judge(pages((i) => (i % 2 === 0 ? { backend: "web-1" } : { backend: "web-2" }))).felt).toEqual([
      "page: one backend gives 50.0 % of the answers (up to 40.0 %)",
    ]);
  });

  it("not with fewer of them: 95 % of the usual load is the floor", () => {
    expect(judge(pages(), { offered: { now: 190, baseline: 200 } }).ok).toBe(true);
    expect(judge(pages(), { offered: { now: 189, baseline: 200 } }).felt[0]).toContain(
      "only 189 requests a second are offered, 200 are usual",
    );
  });

  it("and are told of everything that is not, and never of a cause", () => {
    const { felt } = judge(
      [
        ...pages(() => ({ durationMs: 900, backend: "web-1" })),
        ...Array.from({ length: 50 }, (_, i) => failedWith(503, { user: i, sentAt: i })),
      ],
      {
        offered: { now: 10, baseline: 200 },
      },
    );
    expect(felt).toHaveLength(4);
    expect(felt.join()).not.toMatch(/web-\d|weight|health|pool/);
  });

  it("without a limit for a route that the steady state does not name", () => {
    expect(judge([...pages(), probed({ route: "api", durationMs: 5000, user: -1 })]).ok).toBe(true);
  });
});

it("a ratio is shown in per cent with one digit", () => {
  expect(percent(0.3044)).toBe("30.4 %");
  expect(percent(1)).toBe("100.0 %");
});
