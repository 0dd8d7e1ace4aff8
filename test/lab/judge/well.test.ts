import { describe, expect, it } from "vitest";
import { expectedLoad } from "../../../lab/judge/offered.ts";
import { judgeWindow, percent } from "../../../lab/judge/well.ts";
import { browsing } from "../../../scenarios/shop.ts";
import type { ProbeRecord } from "../../../lab/probe/record.ts";
import { judged } from "../../support/judged.ts";
import { failedWith, probed } from "../../support/probe-record.ts";

const steady = { failedRatio: 0.005, affectedRatio: 0.005, p95Ms: { page: 150 } };
const usual = { users: 100, load: 100, api: 0 };
const expected = expectedLoad(browsing);
const nobody = { hurt: 0, undecided: 0, routes: [] };
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
    expected,
    unanswered: 0,
    fates: () => nobody,
    decidable: true,
    overdue: 0,
    ...more,
  });

describe("users are well", () => {
  it("when everything is within steady state", () => {
    expect(judge(pages())).toEqual({ ok: true, felt: [], undecided: false });
  });

  it("with failures up to the limit, which a single one more goes over", () => {
    const failing = (count: number) =>
      pages((i) => (i < count ? { result: "status", status: 503, user: 0 } : {}));
    expect(judge(failing(5)).ok).toBe(true);
    expect(judge(failing(6)).felt).toEqual(["0.6 % of requests fail (steady state: up to 0.5 %)"]);
  });

  it("with affected users and a p95 at their limits", () => {
    const atLimits = pages((i) => ({
      ...(i % 10 === 0 ? { durationMs: 150 } : {}),
      ...(i % 500 < 2 ? { result: "status" as const, status: 503 } : {}),
    }));
    const limits = { failedRatio: 0.5, affectedRatio: 2 / 500, p95Ms: { page: 150 } };
    expect(judge(atLimits, { steady: limits })).toEqual({ ok: true, felt: [], undecided: false });
  });

  it("whenever the window was: chance is allowed for by how long it is", () => {
    const records = pages((i) => ({ sentAt: 1_000_000 + i * 10 }));
    const window = judged(records, { from: 1_000_000, to: 1_010_000, users: 500 });
    const evidence = {
      steady,
      expected,
      unanswered: 0,
      fates: () => nobody,
      decidable: true,
      overdue: 0,
    };
    expect(judgeWindow(window, { ...evidence, offered: { ...usual, load: 85 } }).ok).toBe(true);
  });

  it("not with a single unproved answer", () => {
    expect(
      judge(pages((i) => (i === 3 ? { result: "unproved", status: 200, backend: undefined } : {}))).felt,
    ).toEqual(["answers that no backend of this lab gave, or not through its balancer: 1"]);
  });

  it("not when no request was seen", () => {
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

  it("whatever one backend does of the work, as long as it copes", () => {
    expect(judge(pages(() => ({ backend: "web-1" }))).ok).toBe(true);
  });

  it("not with fewer of them than chance explains, from each source by itself", () => {
    expect(judge(pages(), { offered: { users: 95, load: 85, api: 0 } }).ok).toBe(true);
    expect(judge(pages(), { offered: { users: 85, load: 200, api: 0 } }).felt).toEqual([
      "only 85 requests a second are offered by users, 100 are usual: fewer users are not happier ones",
    ]);
    expect(judge(pages(), { offered: { users: 200, load: 70, api: 0 } }).felt[0]).toContain("the load");
  });

  it("not while a user has nothing but failures, and not yet while that is undecided", () => {
    const fates = { hurt: 2, undecided: 1, routes: ["page"] } as const;
    expect(judge(pages(), { fates: () => fates })).toEqual({
      ok: false,
      felt: ["page: 2 users have nothing but failures"],
      undecided: false,
    });
    expect(judge(pages(), { fates: () => ({ ...fates, hurt: 0 }) })).toEqual({
      ok: false,
      felt: ["page: 1 user has had no success since the last action, in too few requests to decide"],
      undecided: true,
    });
    // No single user is judged where users are plainly not well.
    const unasked = () => {
      throw new Error("no verdict on single users is expected");
    };
    expect(judge([], { fates: unasked })).toMatchObject({ ok: false, undecided: false });
    expect(judge(pages(), { overdue: 1 })).toMatchObject({ ok: false, undecided: true });
    // Users who come too seldom are not waited for.
    const seldom = { decidable: false, overdue: 1, fates: () => ({ ...fates, hurt: 0 }) };
    expect(judge(pages(), seldom)).toEqual({ ok: true, felt: [], undecided: false });
  });

  it("not while a whole route fails, few as its requests may be", () => {
    const calls = (count: number) =>
      Array.from({ length: count }, () => failedWith(502, { route: "api", user: -1 }));
    expect(judge([...pages(), ...calls(2)]).ok).toBe(true);
    expect(judge([...pages(), ...calls(3)]).felt).toEqual(["api: every request fails"]);
  });

  it("and the check lists everything that is not, and never a cause", () => {
    const { felt } = judge(
      [
        ...pages(() => ({ durationMs: 900, backend: "web-1" })),
        ...Array.from({ length: 50 }, (_, i) => failedWith(503, { user: i, sentAt: i })),
      ],
      {
        offered: { users: 10, load: 100, api: 0 },
      },
    );
    expect(felt).toHaveLength(3);
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
