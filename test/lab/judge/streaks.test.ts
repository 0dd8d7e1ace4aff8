import { describe, expect, it } from "vitest";
import { createStreaks, decisionTakes } from "../../../lab/judge/streaks.ts";
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
  it("count against it when three of them or more failed, and no later one succeeded", () => {
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

  it("to sign in are settled by the account that is shown, not by one that says that the session is over", () => {
    const login = at(1, false, { route: "login" });
    const account = (status: number) => at(2, true, { route: "account", status });
    expect(fates([login, account(200)])).toEqual(nobody);
    expect(fates([login, account(401)])).toMatchObject({ undecided: 1, routes: ["login"] });
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

  it.each([
    ["no user sent them", { route: "api", user: -1 }],
    ["no user sent them, to whatever route", { user: -1 }],
    ["the route has no users, whatever user they name", { route: "api", user: 3 }],
    ["the user is none of the population", { user: 10 }],
  ] as const)("belong to no user where %s", (_why, who) => {
    expect(fates([1, 2, 3].map((sentAt) => at(sentAt, false, who)))).toEqual(nobody);
  });

  it("are counted from the first user of the population to the last", () => {
    const both = [0, 9].flatMap((user) => [1, 2, 3].map((sentAt) => at(sentAt, false, { user })));
    expect(fates(both)).toMatchObject({ hurt: 2 });
  });

  it("are forgotten with a success that came after them, and only those", () => {
    const three = [at(1, false), at(2, false), at(3, false)];
    expect(fates([...three, at(4, true), at(5, false)])).toEqual(nobody);
    expect(fates([...three, at(4, true), at(5, false), at(6, false), at(7, false)])).toMatchObject({
      hurt: 1,
    });
    // A success that ends late, sent between them.
    expect(fates([...three, at(2, true)], 2.5)).toMatchObject({ hurt: 0, undecided: 1 });
    expect(fates([...three, at(2, true), at(4, false), at(5, false)])).toMatchObject({ hurt: 1 });
  });

  it("are not undone by a success of an earlier moment that ends late", () => {
    expect(fates([at(5, true), at(2, true), at(3, false)], 0)).toEqual(nobody);
    expect(fates([at(5, true), at(2, true), at(3, false), at(4, false), at(4.5, false)])).toEqual(nobody);
  });

  it("on one route are untouched by a success on another", () => {
    const account = [1, 2, 3].map((sentAt) => at(sentAt, false, { route: "account" }));
    expect(fates([at(0.5, false), ...account, at(4, true)])).toMatchObject({ hurt: 1, routes: ["account"] });
  });

  it("are the last three, however late an older failure ends", () => {
    expect(fates([at(4, false), at(5, false), at(6, false), at(1, false)], 2)).toMatchObject({ hurt: 1 });
  });

  it("count what was sent at the very moment of the last action", () => {
    expect(fates([at(4, false)], 4)).toMatchObject({ undecided: 1 });
    expect(fates([at(3, true), at(4, false)], 3)).toEqual(nobody);
  });
});

describe("the longest that a verdict on any user takes", () => {
  const users = { count: 10, prefix: "guest-", visitEveryMs: 5000, timeoutMs: 8000 };
  const login = { password: "", retryEveryMs: 10_000, retryJitter: 0.5 } as never as NonNullable<
    Parameters<typeof decisionTakes>[0]["users"]["login"]
  >;

  it("is three visits at their longest pauses, and the time until the last one is given up", () => {
    expect(decisionTakes({ users }, 9000)).toBe(3 * 6000 + 9000);
  });

  it("is twice as many visits with sessions, of which every second is to the account", () => {
    expect(decisionTakes({ users: { ...users, login: { ...login, retryEveryMs: 1000 } } }, 9000)).toBe(
      3 * 12_000 + 9000,
    );
  });

  it("is that of three logins where those come more seldom, by the longest back-off where there is one", () => {
    expect(decisionTakes({ users: { ...users, login } }, 9000)).toBe(3 * 15_000 + 9000);
    const backOff = { factor: 2, atMostMs: 60_000 };
    expect(decisionTakes({ users: { ...users, login: { ...login, backOff } } }, 9000)).toBe(
      3 * 90_000 + 9000,
    );
  });
});
