import { describe, expect, it } from "vitest";
import type { ProbeRecord, ProbeReport } from "../../lab/probe/record.ts";
import { failedWith, probed } from "../support/probe-record.ts";
import { knownBy, truthOf } from "./oracle.ts";

const USERS = 20;
const PACE = {
  steadyState: { failedRatio: 0.05, affectedRatio: 0.05, p95Ms: { page: 150 } },
  workload: {
    loadRequestsPerSecond: 1,
    users: { count: USERS, prefix: "u", visitEveryMs: 1000, timeoutMs: 2000 },
    pages: ["/"],
  },
};

/** Every user comes once a second for ten seconds. */
const tenSeconds = (change: (user: number, second: number) => Partial<ProbeRecord> = () => ({})) =>
  Array.from({ length: 10 * USERS }, (_, i) => {
    const [user, second] = [i % USERS, Math.floor(i / USERS)];
    return probed({ sentAt: second * 1000, user, ...change(user, second) });
  });
const because = (records: readonly ProbeRecord[]) => truthOf(records, { from: 0, to: 10_000 }, PACE).because;

describe("users are in truth", () => {
  it("well when all is within steady state", () => {
    expect(truthOf(tenSeconds(), { from: 0, to: 10_000 }, PACE)).toEqual({ well: true, because: [] });
  });

  it("not well when no user comes, or too few", () => {
    expect(because([])).toEqual(["nobody came", "only 0 visits"]);
    expect(because(tenSeconds().slice(0, 179))).toEqual(["only 179 visits"]);
  });

  it("not well when too many requests fail or are slow", () => {
    expect(because(tenSeconds((user, second) => (second === user % 10 ? { result: "cut" } : {})))).toEqual([
      "20 of 200 requests failed",
    ]);
    expect(because(tenSeconds((user) => (user < 2 ? { durationMs: 200 } : {})))).toEqual([
      "page: p95 was 200 ms",
    ]);
  });

  it("not well when a user has nothing but failures, mostly or at last", () => {
    expect(because(tenSeconds((user) => (user === 0 ? { result: "cut" } : {})))).toContain(
      "1 users had nothing but failures on a route",
    );
    expect(because(tenSeconds((user, second) => (user < 2 && second < 6 ? { result: "cut" } : {})))).toEqual(
      expect.arrayContaining(["2 users mostly failed on a route"]),
    );
    expect(
      because(tenSeconds((user, second) => (user === 0 && second > 6 ? { result: "cut" } : {}))),
    ).toEqual(["1 users had nothing but failures at last"]);
  });
});

describe("what was known at a moment", () => {
  const report = (
    at: number,
    records: readonly ProbeRecord[],
    openSince: readonly number[] = [],
  ): ProbeReport => ({
    type: "probe",
    at,
    records,
    openSince,
  });

  it("is what had ended by then, not what a restart at that moment made of the rest", () => {
    const [before, after] = [probed({ sentAt: 9000 }), failedWith(502, { sentAt: 9900 })];
    expect(knownBy([report(9750, [before], [9900]), report(10_250, [after])], 10_000)).toEqual([before]);
  });

  it("is that a request has failed when it has waited for too long, though it never ends", () => {
    const known = knownBy([report(9750, [], [6000, 6999, 7000, 9000])], 10_000);
    expect(known.map(({ sentAt, result }) => [sentAt, result])).toEqual([
      [6000, "timeout"],
      [6999, "timeout"],
    ]);
  });
});
