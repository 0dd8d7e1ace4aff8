import { describe, expect, it } from "vitest";
import { holds, scoreOf } from "../../../lab/fidelity/fidelity.ts";
import { judgeClaims, type SimulatedRun } from "../../../lab/fidelity/judge-claims.ts";
import { stateOf } from "../../../lab/drill/state.ts";
import type { JournalLine } from "../../../lab/drill/events.ts";
import { alertsAtOnce, lasts, pagesAtOnce, shareBand, tailOf, type Claim } from "../../../scenarios/claim.ts";
import type { Scenario } from "../../../scenarios/scenario.ts";
import { unevenWeights } from "../../../scenarios/uneven-weights/scenario.ts";

const T = Date.UTC(2026, 0, 1);
const at = (minute: number): string => new Date(T + minute * 60_000).toISOString();

/** An outage of ten minutes: paged in the first, repaired in the eighth, well two minutes later. */
function runWith(
  change: Partial<{ wellAt: number; stepsAt: readonly number[]; failedRatio: number }> = {},
): SimulatedRun {
  const { wellAt = 10, stepsAt = [0.2, 8], failedRatio = 0.3 } = change;
  const expectation = { figure: "failedRequestRatio" } as const;
  const impact = {
    failedRequestRatio: failedRatio,
    affectedUserRatio: 0.1,
    statuses: { "200": 70, "503": 20, refused: 10, "401": 90 },
    seconds: 1,
    figures: [{ expectation, measured: failedRatio, inBand: true }],
    inBand: true,
  };
  const alert = { alert: "HighFailureRatio", severity: "page", labels: {} };
  const reported = [
    [0, { event: "changed" }],
    [0.1, { event: "impact", failedRatio, affectedRatio: 0.1, firstFailureAt: at(0) }],
    [0.2, { event: "alert", ...alert, from: "pending", to: "firing" }],
    [0.2, { event: "paged", alert: "HighFailureRatio", summary: "" }],
    [8, { event: "acted", action: "config rollback 1", subject: "config", ok: true, message: "", ms: 0 }],
    [9, { event: "acted", action: "unit kill x", subject: "x", ok: false, message: "", ms: 0 }],
    [wellAt, { event: "users", well: true, since: at(wellAt) }],
    [16, { event: "measured", impact, userMinutesLostPer1000: 1 }],
  ] as const;
  const journal = reported.map(([minute, event], seq) => ({
    seq,
    at: at(minute),
    ...event,
  })) as JournalLine[];
  return {
    journal,
    state: stateOf(journal),
    said: ["looks", "repairs"].map((line, i) => ({ at: T + (stepsAt[i] ?? 0) * 60_000, line })),
  };
}

const scenarioWith = (claims: readonly Claim[]): Scenario => ({
  ...unevenWeights,
  report: {
    ...unevenWeights.report,
    claims,
    playbook: [
      { minute: 0, says: "looks" },
      { minute: 8, says: "repairs" },
    ],
  },
});

const share: Claim = {
  name: "share",
  kind: "emergent",
  reported: 0.3,
  measure: { of: "figure", figure: "failedRequestRatio" },
  band: shareBand(0.3),
};
const answer: Claim = {
  name: "answer",
  kind: "emergent",
  reported: "500",
  measure: { of: "answer" },
  band: { oneOf: ["500"] },
};

const judged = (claims: readonly Claim[], run: SimulatedRun = runWith()) =>
  judgeClaims(scenarioWith(claims), run);

describe("a claim", () => {
  it("holds within its band, both ends included, and not beyond", () => {
    expect(judged([share])[0]).toMatchObject({ measured: 0.3, ok: true });
    expect(judged([share], runWith({ failedRatio: 0.27 }))[0]?.ok).toBe(true);
    expect(judged([share], runWith({ failedRatio: 0.2699 }))[0]?.ok).toBe(false);
    expect(judged([share], runWith({ failedRatio: 0.3301 }))[0]?.ok).toBe(false);
  });

  it("of minutes counts from the change, and a tail from the last action that was taken", () => {
    const claims = judged([pagesAtOnce, alertsAtOnce("errors", "HighFailureRatio"), tailOf(2), lasts(10)]);
    expect(claims.slice(0, 4).map(({ measured }) => measured)).toEqual([0.2, 0.2, 2, 10]);
    expect(claims.slice(0, 4).every(({ ok }) => ok)).toBe(true);
  });

  it("may be a tenth or a minute off where it is one of minutes", () => {
    const ok = (wellAt: number) => judged([lasts(100)], runWith({ wellAt }))[0]?.ok;
    expect([ok(89.9), ok(90), ok(110), ok(110.1)]).toEqual([false, true, true, false]);
    const short = (wellAt: number) => judged([lasts(3)], runWith({ wellAt }))[0]?.ok;
    expect([short(1.9), short(2), short(4), short(4.1)]).toEqual([false, true, true, false]);
  });

  it("does not hold when it never came to it", () => {
    expect(judged([alertsAtOnce("slow", "SlowRequests")])[0]).toMatchObject({ measured: null, ok: false });
    const missing: Claim = { ...share, measure: { of: "figure", figure: "p95Factor", route: "page" } };
    expect(judged([missing])[0]).toMatchObject({ measured: null, ok: false });
  });

  it("of an answer is about the failure that came most often: a session that ended is none", () => {
    expect(judged([answer])[0]).toMatchObject({ measured: "503", ok: false });
  });
});

describe("the timetable", () => {
  it("has a claim for each of its steps, and one for the order of all", () => {
    expect(judged([]).map(({ name, kind, measured, ok }) => [name, kind, measured, ok])).toEqual([
      ["looks", "scripted", 0.2, true],
      ["repairs", "scripted", 8, true],
      ["the order of events", "scripted", "as in the report", true],
    ]);
  });

  it("is out of order when a step comes before the page, or after users are well", () => {
    expect(judged([], runWith({ stepsAt: [0.1, 8] })).at(-1)).toMatchObject({
      ok: false,
      measured: "out of order: looks",
    });
    expect(judged([], runWith({ wellAt: 7.5 })).at(-1)).toMatchObject({
      ok: false,
      measured: "out of order: users are well",
    });
  });
});

describe("the score", () => {
  it("is of emergent claims alone, those that the report contradicts left out", () => {
    const claims = judged([share, { ...answer, contradicted: "HTTP 500" }, lasts(50), pagesAtOnce]);
    expect(scoreOf(claims)).toBe(1);
    expect(scoreOf(judged([share, answer]))).toBe(0.5);
    expect(scoreOf([])).toBe(0);
  });

  it("says nothing of scripted claims, which have to hold all the same", () => {
    expect(holds({ claims: judged([share, { ...answer, contradicted: "HTTP 500" }]) })).toBe(true);
    expect(holds({ claims: judged([share, answer]) })).toBe(false);
    expect(holds({ claims: judged([share, lasts(50)]) })).toBe(false);
  });
});
