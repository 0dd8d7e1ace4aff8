import { describe, expect, it } from "vitest";
import { createStreaks } from "../../../lab/judge/streaks.ts";
import type { ProbeRecord } from "../../../lab/probe/record.ts";
import { failedWith, probed } from "../../support/probe-record.ts";

const at = (sentAt: number, ok: boolean, more: Partial<ProbeRecord> = {}): ProbeRecord =>
  ok ? probed({ sentAt, user: 3, ...more }) : failedWith(502, { sentAt, user: 3, ...more });

const fates = (records: readonly ProbeRecord[], since = 0) => {
  const streaks = createStreaks(10);
  streaks.add(records);
  return streaks.fatesSince(since);
};
const nobody = { hurt: 0, undecided: 0, routes: [] };

describe("a user's last requests to a route", () => {
  it("hurt when three of them or more failed, and no later one succeeded", () => {
    const three = [at(1, false), at(2, false), at(3, false)];
    expect(fates(three)).toEqual({ hurt: 1, undecided: 0, routes: ["page"] });
    expect(fates([...three, at(4, false)])).toMatchObject({ hurt: 1 });
    expect(fates([...three, at(4, true)])).toEqual(nobody);
    expect(fates([at(0, true), ...three])).toMatchObject({ hurt: 1 });
  });

  it("decide nothing when there were fewer and none succeeded, and are well when one did", () => {
    const two = [at(1, false), at(2, false)];
    expect(fates(two)).toEqual({ hurt: 0, undecided: 1, routes: ["page"] });
    expect(fates([at(0.5, true), ...two])).toEqual(nobody);
  });

  it("count from the last action on only", () => {
    const four = [at(1, false), at(2, false), at(3, false), at(4, false)];
    expect(fates(four, 2)).toMatchObject({ hurt: 1, undecided: 0 });
    expect(fates(four, 3)).toMatchObject({ hurt: 0, undecided: 1 });
    expect(fates([at(0.5, true), ...four], 3)).toMatchObject({ undecided: 1 });
    expect(fates(four, 5)).toEqual(nobody);
  });

  it("are taken in the order of sending, however late they ended", () => {
    expect(fates([at(4, true), at(1, false), at(2, false), at(3, false)])).toEqual(nobody);
    expect(fates([at(3, false), at(1, false), at(2, false)])).toMatchObject({ hurt: 1 });
    expect(fates([at(3, false), at(1, false), at(2, true)])).toEqual(nobody);
    expect(fates([at(5, false), at(6, false), at(4, false), at(1, false)], 5)).toMatchObject({
      hurt: 0,
      undecided: 1,
    });
  });

  it("are taken route by route, and users are counted once", () => {
    const account = (sentAt: number) => at(sentAt, false, { route: "account" });
    expect(fates([account(1), at(1, true), account(2), at(2, true), account(3)])).toEqual({
      hurt: 1,
      undecided: 0,
      routes: ["account"],
    });
    const login = (sentAt: number) => at(sentAt, false, { route: "login" });
    expect(fates([account(1), account(2), account(3), login(1), login(2), login(3)]).hurt).toBe(1);
  });

  it("are nobody's where no user sent them", () => {
    expect(fates([1, 2, 3].map((sentAt) => at(sentAt, false, { route: "api", user: -1 })))).toEqual(nobody);
  });
});
