import { describe, expect, it } from "vitest";
import { expectedLoad, shortOf, type OfferedLoad } from "../../../lab/judge/offered.ts";
import { scheduleVisits } from "../../../lab/probe/schedule.ts";
import { seeded } from "../../../runtime/random.ts";
import { browsing } from "../../../scenarios/shop.ts";
import { createManualClock } from "../../support/manual-clock.ts";

const missing = (offered: Partial<OfferedLoad>, ms = 13_000) =>
  shortOf(
    { users: 100, load: 100, api: 5, ...offered },
    expectedLoad({ ...browsing, apiPerSecond: 5 }),
    ms,
  ).map(({ source }) => source);

describe("the load that a workload should offer", () => {
  it("is that of each of its sources", () => {
    expect(expectedLoad(browsing).map(({ source, perSecond }) => [source, perSecond])).toEqual([
      ["users", 100],
      ["load", 100],
    ]);
  });

  it("is there with a little less than it, and not with half of one source", () => {
    expect(missing({})).toEqual([]);
    expect(missing({ users: 95, load: 90, api: 4 })).toEqual([]);
    expect(missing({ users: 80 })).toEqual(["users"]);
    expect(missing({ load: 50 })).toEqual(["load"]);
    expect(missing({ api: 0 })).toEqual(["api"]);
  });

  it("allows for more chance in less time", () => {
    expect(missing({ load: 80 }, 13_000)).toEqual(["load"]);
    expect(missing({ load: 80 }, 3000)).toEqual([]);
  });

  it.each([
    ["often", 500, 5000, 60_000],
    ["seldom, their first visits included", 3000, 100_000, 300_000],
  ])("is there in every window of users who come %s", (_how, count, visitEveryMs, forMs) => {
    const users = { ...browsing.users, count, visitEveryMs };
    const expected = expectedLoad({ ...browsing, users, loadRequestsPerSecond: 0 });
    const short = visitsBySecond(users, forMs).filter((visits) => {
      const perSecond = visits.reduce((sum, count) => sum + count, 0) / 10;
      return (
        visits.length === 10 && shortOf({ users: perSecond, load: 0, api: 0 }, expected, 10_000).length > 0
      );
    });
    expect(short).toEqual([]);
  });
});

/** How many came in each of the ten seconds from each second on. */
function visitsBySecond(
  { count, visitEveryMs }: { readonly count: number; readonly visitEveryMs: number },
  forMs: number,
): number[][] {
  const clock = createManualClock();
  const random = seeded(5);
  const seconds = Array.from({ length: forMs / 1000 }, () => 0);
  for (let user = 0; user < count; user++)
    scheduleVisits(visitEveryMs, { clock, random: random.fork(`${user}`) }, () => {
      const second = Math.floor(clock.now() / 1000);
      if (second < seconds.length) seconds[second] = (seconds[second] ?? 0) + 1;
    });
  clock.advance(forMs);
  return seconds.map((_, from) => seconds.slice(from, from + 10));
}
