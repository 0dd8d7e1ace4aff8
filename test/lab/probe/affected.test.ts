import { describe, expect, it } from "vitest";
import { createVerdicts, type Marks, type Verdicts } from "../../../lab/probe/affected.ts";
import { NOBODY, type ProbeRecord } from "../../../lab/probe/record.ts";

const sent = (user: number, result: ProbeRecord["result"], route: ProbeRecord["route"] = "page") => ({
  sentAt: 0,
  user,
  route,
  result,
  status: undefined,
  backend: undefined,
  flag: undefined,
  durationMs: 1,
});

const USERS = 10;
const all = Array.from({ length: USERS }, (_, user) => user);

const marksOf =
  ({ markOf }: Verdicts, records: readonly ProbeRecord[]): Marks =>
  (report) =>
    records.map(markOf).forEach(report);

/** Who is affected after these windows. */
function affected(...windows: readonly (readonly ProbeRecord[])[]): number[] {
  const verdicts = createVerdicts(USERS);
  for (const records of windows) verdicts.judge(marksOf(verdicts, records));
  const who = all.filter((user) => verdicts.has(user));
  expect(verdicts.count).toBe(who.length);
  return who;
}

describe("a user is affected", () => {
  it("when more than half of the requests to a route failed, not when exactly half did", () => {
    const half = [sent(1, "ok"), sent(1, "refused"), sent(1, "ok"), sent(1, "cut")];
    expect(affected(half)).toEqual([]);
    expect(affected([...half, sent(1, "status")])).toEqual([1]);
  });

  it("by a single request, when it was the only one and failed", () => {
    expect(affected([sent(3, "timeout")])).toEqual([3]);
  });

  it("by one route, however well the others do", () => {
    expect(affected([sent(1, "ok"), sent(1, "ok"), sent(1, "ok"), sent(1, "status", "login")])).toEqual([1]);
  });

  it("not by failures spread over routes that each work half of the time", () => {
    const records = (["page", "account"] as const).flatMap((route) => [
      sent(1, "ok", route),
      sent(1, "wrong", route),
    ]);
    expect(affected(records)).toEqual([]);
  });

  it("not by the dependent API, whose calls belong to no user, nor by one outside of the population", () => {
    expect(affected([sent(NOBODY, "status", "api"), sent(NOBODY, "status"), sent(USERS, "cut")])).toEqual([]);
  });

  it("once, whatever the number of routes, and in any order of records", () => {
    const records = [sent(2, "cut", "login"), sent(1, "ok"), sent(2, "cut")];
    expect(affected(records)).toEqual([2]);
    expect(affected(records.toReversed())).toEqual([2]);
  });
});

describe("a user who sends nothing in a window", () => {
  it("keeps the verdict of the last one in which they did", () => {
    expect(affected([sent(1, "cut"), sent(2, "ok")], [], [sent(3, "ok")])).toEqual([1]);
    expect(affected([sent(1, "cut")], [], [sent(1, "ok")])).toEqual([]);
  });

  it("keeps it route by route: pages that work prove nothing of a login that does not", () => {
    const locked = [sent(1, "status", "login")];
    expect(affected(locked, [sent(1, "ok")], [sent(1, "ok")])).toEqual([1]);
    expect(affected(locked, [sent(1, "ok")], [sent(1, "ok", "login")])).toEqual([]);
  });

  it("is judged by a new window alone once there is one, not by both together", () => {
    expect(affected([sent(1, "cut"), sent(1, "cut"), sent(1, "cut")], [sent(1, "ok")])).toEqual([]);
    expect(affected([sent(1, "ok"), sent(1, "ok"), sent(1, "ok")], [sent(1, "cut")])).toEqual([1]);
  });
});

describe("a user who sends no more to a route", () => {
  const login = (result: ProbeRecord["result"]) => sent(1, result, "login");
  const account = (result: ProbeRecord["result"], status: number) => ({
    ...sent(1, result, "account"),
    status,
  });

  it("is affected for the window only when the last request succeeded: a login that works at last counts", () => {
    const gotIn = [login("status"), login("status"), login("ok")];
    expect(affected(gotIn)).toEqual([1]);
    expect(affected(gotIn, [])).toEqual([]);
    expect(affected(gotIn, [sent(1, "ok")])).toEqual([]);
  });

  it("stays affected when the last one failed, whatever came before it", () => {
    const lockedOut = [login("status"), login("ok"), login("status")];
    expect(affected(lockedOut, [], [])).toEqual([1]);
    expect(affected([...lockedOut, login("ok"), login("ok")], [], [])).toEqual([]);
  });

  it("is affected anew when the next window says so", () => {
    const gotIn = [login("status"), login("status"), login("ok")];
    expect(affected(gotIn, gotIn)).toEqual([1]);
    expect(affected(gotIn, [login("status")], [])).toEqual([1]);
  });

  it("is signed in once the account says so, though reading it failed in the login itself", () => {
    const unread = [login("wrong")];
    expect(affected(unread, [account("ok", 200)])).toEqual([]);
    expect(affected([...unread, account("ok", 200)], [])).toEqual([]);
    expect(affected(unread, [account("ok", 401)])).toEqual([1]);
    expect(affected(unread, [account("status", 502)])).toEqual([1]);
    expect(affected([account("ok", 200), ...unread], [])).toEqual([1]);
  });
});

describe("supposing windows", () => {
  it("forgets who would be affected for one of them only", () => {
    const verdicts = createVerdicts(USERS);
    const gotIn = [sent(1, "cut"), sent(1, "cut"), sent(1, "ok")];
    verdicts.judge(marksOf(verdicts, gotIn));
    const other = marksOf(verdicts, [sent(2, "cut"), sent(2, "cut"), sent(2, "ok")]);
    const who = () => all.filter((user) => verdicts.has(user));
    expect(verdicts.supposing([other], who)).toEqual([2]);
    expect(who()).toEqual([1]);
    verdicts.judge(marksOf(verdicts, []));
    expect(who()).toEqual([]);
  });

  it("reads what they would come to, and changes nothing", () => {
    const verdicts = createVerdicts(USERS);
    verdicts.judge(marksOf(verdicts, [sent(1, "cut"), sent(2, "cut"), sent(2, "cut", "login")]));
    const windows = [
      [sent(1, "ok"), sent(3, "cut")],
      [sent(3, "ok"), sent(4, "cut"), sent(2, "ok")],
    ].map((records) => marksOf(verdicts, records));
    const who = () => all.filter((user) => verdicts.has(user));
    expect(verdicts.supposing(windows, who)).toEqual([2, 4]);
    expect(who()).toEqual([1, 2]);
    expect(verdicts.count).toBe(2);
  });

  it("changes nothing either when reading fails", () => {
    const verdicts = createVerdicts(USERS);
    expect(() =>
      verdicts.supposing([marksOf(verdicts, [sent(1, "cut")])], () => {
        throw new Error("no");
      }),
    ).toThrow("no");
    expect(verdicts.count).toBe(0);
  });
});

it.each([
  ["without a user", sent(NOBODY, "status")],
  ["of the dependent API, with any user's name", sent(1, "status", "api")],
  ["of a user beyond the population", sent(USERS, "status")],
] as const)("a failure %s affects no user", (_whose, record) => {
  expect(affected([record])).toEqual([]);
});

it("a failure affects its user alone, from the first of the population to the last", () => {
  expect(affected([sent(0, "status", "login"), sent(USERS - 1, "status")])).toEqual([0, USERS - 1]);
});
