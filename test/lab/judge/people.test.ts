import { describe, expect, it } from "vitest";
import { createPeopleTally } from "../../../lab/judge/people.ts";
import { NOBODY, type ProbeRecord } from "../../../lab/probe/record.ts";
import { failedWith, probed } from "../../support/probe-record.ts";

/** What two users, 0 and 1, come to by these requests. */
const parted = (records: readonly ProbeRecord[]) => {
  const tally = createPeopleTally(2);
  tally.add(records);
  return tally.parted();
};
const well = [0, 1].map((user) => probed({ user }));

describe("who is affected", () => {
  it("is who fails more than half of the time on some route, by all of their requests", () => {
    const account = [1, 2].map(() => failedWith(503, { user: 1, route: "account" }));
    const login = failedWith(503, { user: 0, route: "login" });
    const pages = [0, 1].flatMap((user) => [probed({ user }), probed({ user })]);
    expect(parted([...pages, ...account])).toEqual({ affectedFailedRatio: 0.5, othersFailedRatio: 0 });
    expect(parted([...pages, login])).toEqual({ affectedFailedRatio: 1 / 3, othersFailedRatio: 0 });
  });

  it("is no user with half of the requests to a route", () => {
    expect(parted([probed({ user: 0 }), failedWith(503, { user: 0 })])).toEqual({
      affectedFailedRatio: undefined,
      othersFailedRatio: 0.5,
    });
  });

  it.each([
    ["no user", { user: NOBODY }],
    ["the dependent API, with any user's name", { user: 1, route: "api" }],
    ["a user beyond the population", { user: 2 }],
  ] as const)("is not found by requests of %s", (_whose, who) => {
    expect(parted([...well, ...[1, 2, 3].map(() => failedWith(503, who))])).toEqual({
      affectedFailedRatio: undefined,
      othersFailedRatio: 0,
    });
  });
});
