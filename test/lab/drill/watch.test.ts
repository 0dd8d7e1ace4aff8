import { describe, expect, it } from "vitest";
import { runCheck } from "../../../lab/drill/check.ts";
import { createWatch } from "../../../lab/drill/watch.ts";
import { createTraffic } from "../../../lab/judge/traffic.ts";
import { createFakeWorld, HANGING, pass, settled, SICK, WELL } from "../../support/fake-world.ts";
import { unevenWeights } from "../../../scenarios/uneven-weights/scenario.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { probed } from "../../support/probe-record.ts";

const drillPace = unevenWeights.paces.drill;

async function bench(pace: Parameters<typeof createWatch>[0]["pace"] = drillPace) {
  const clock = createManualClock();
  const world = createFakeWorld(clock);
  const traffic = createTraffic({ users: 500 });
  let quiet = 0;
  const quietSince = (): number => quiet;
  const watch = createWatch({ clock, traffic, pace, requestTimeoutMs: 9000, everyMs: 500, quietSince });
  world.onProbe((report) => traffic.probed(report));
  world.onLoad((report) => traffic.loaded(report));
  await world.start({} as never, {} as never);
  const parts = { clock, traffic, watch, quietSince, foreignPrograms: async () => world.others };
  return {
    clock,
    world,
    watch,
    acts: (): void => void (quiet = clock.wall()),
    /** A check that starts now, and its result so far. */
    ask: (): { ok?: boolean; felt?: readonly string[]; afterMs?: number } => {
      const begun = clock.now();
      const reported = {};
      void runCheck(parts, new AbortController().signal).then((seen) =>
        Object.assign(reported, seen, { afterMs: clock.now() - begun }),
      );
      return reported;
    },
  };
}

describe("a check", () => {
  it("is NO while a foreign process holds the users' port, however well they are", async () => {
    const { clock, world, ask } = await bench();
    world.others = ["port 8080 is held by node (pid 7), which is no unit of this lab"];
    await pass(clock, 20_000);
    const reported = ask();
    await pass(clock, 500);
    expect(reported).toMatchObject({ ok: false, felt: world.others });
  });

  it("is OK at once when users have been well for long enough already", async () => {
    const { clock, ask } = await bench();
    await pass(clock, 20_000);
    const reported = ask();
    await pass(clock, 500);
    expect(reported).toMatchObject({ ok: true, felt: [] });
  });

  it("is NO early when it is plain, and says how users are affected", async () => {
    const { clock, world, ask } = await bench();
    world.mood = SICK;
    await pass(clock, 20_000);
    const reported = ask();
    await pass(clock, 20_000);
    expect(reported.ok).toBe(false);
    // Over less than three seconds the load could not be judged.
    expect(reported.afterMs).toBe(3000);
    expect(reported.felt?.[0]).toMatch(/^3\d\.\d % of requests fail/);
    expect(reported.felt?.join()).not.toContain("offered");
  });

  it("is not OK by requests sent before the last action, however well they were", async () => {
    const { clock, world, acts, ask } = await bench();
    await pass(clock, 20_000);
    acts();
    const reported = ask();
    await pass(clock, 12_500);
    expect(reported).toEqual({});
    await pass(clock, 500);
    expect(reported).toMatchObject({ ok: true, afterMs: 13_000 });
    world.mood = SICK;
    acts();
    const worse = ask();
    await pass(clock, 13_500);
    expect(worse.ok).toBe(false);
  });

  it("begins anew with an act in the middle of it", async () => {
    const { clock, acts, ask } = await bench();
    await pass(clock, 20_000);
    acts();
    const reported = ask();
    await pass(clock, 8000);
    acts();
    await pass(clock, 12_500);
    expect(reported).toEqual({});
    await pass(clock, 500);
    expect(reported).toMatchObject({ ok: true, afterMs: 21_000 });
  });

  it("does not hold what failed before the last action against the repair", async () => {
    const { clock, world, acts, ask } = await bench();
    world.mood = SICK;
    await pass(clock, 20_000);
    world.mood = WELL;
    acts();
    const reported = ask();
    await pass(clock, 13_000);
    expect(reported).toMatchObject({ ok: true });
  });

  it("waits out a recovery tail that is too faint to be plain, and says NO to it", async () => {
    const { clock, world, ask } = await bench();
    await pass(clock, 20_000);
    // One user in a hundred: ten failures in 10 s.
    world.mood = (user) => (user % 100 === 7 ? { result: "status", status: 503 } : WELL(user));
    await pass(clock, 14_000);
    const reported = ask();
    await pass(clock, 12_500);
    expect(reported).toEqual({});
    await pass(clock, 500);
    expect(reported).toMatchObject({ ok: false, afterMs: 13_000 });
  });

  it("counts requests without an answer as failed", async () => {
    const { clock, world, ask } = await bench();
    await pass(clock, 10_000);
    world.mood = (user) => (user % 10 === 0 ? HANGING(user) : WELL(user));
    await pass(clock, 6000);
    const reported = ask();
    await pass(clock, 13_500);
    expect(reported.ok).toBe(false);
  });

  it.each([
    [
      "the load stopped",
      (world: Awaited<ReturnType<typeof bench>>["world"]) => void (world.loadPerSecond = undefined),
    ],
    [
      "half of the load",
      (world: Awaited<ReturnType<typeof bench>>["world"]) => void (world.loadPerSecond = 50),
    ],
    [
      "the prober stopped",
      (world: Awaited<ReturnType<typeof bench>>["world"]) => void (world.probing = false),
    ],
  ])("is NO with %s: fewer users are not happier ones", async (_what, change) => {
    const { clock, world, acts, ask } = await bench();
    await pass(clock, 20_000);
    change(world);
    acts();
    const reported = ask();
    await pass(clock, 14_000);
    expect(reported.ok).toBe(false);
    expect(reported.felt?.join()).toMatch(/offered|no request of the prober/);
  });

  it("is NO while one user in 500 has nothing but failures, which no ratio shows", async () => {
    const { clock, world, acts, ask } = await bench();
    await pass(clock, 20_000);
    world.mood = (user) => (user === 7 ? { result: "status", status: 502 } : WELL(user));
    acts();
    const reported = ask();
    await pass(clock, 40_000);
    expect(reported).toMatchObject({ ok: false, felt: ["page: 1 user has nothing but failures"] });
  });

  it("waits for users without a success yet until their requests are enough for a verdict", async () => {
    const { clock, world, acts, ask } = await bench();
    await pass(clock, 20_000);
    let failures = 2;
    // Comes twice in the first 13 s, and a third time in the 15th.
    world.mood = (user) => (user === 450 && failures-- > 0 ? { result: "status", status: 502 } : WELL(user));
    acts();
    const reported = ask();
    await pass(clock, 13_500);
    expect(reported).toEqual({});
    await pass(clock, 2000);
    expect(reported).toMatchObject({ ok: true });
    failures = 3;
    acts();
    const again = ask();
    await pass(clock, 20_000);
    expect(again).toMatchObject({ ok: false, felt: ["page: 1 user has nothing but failures"] });
  });

  it("reports at last how many are undecided, and nothing else", async () => {
    const { clock, world, watch, acts, ask } = await bench();
    await pass(clock, 20_000);
    let failures = 1;
    world.mood = (user) => {
      if (user !== 7) return WELL(user);
      // They come once, and never again.
      return failures-- > 0 ? { result: "status", status: 502 } : { user: 8 };
    };
    acts();
    const reported = ask();
    await pass(clock, 60_000);
    expect(reported.ok).toBe(false);
    expect(reported.felt?.[0]).toMatch(/^page: 1 user has had no success since the last action/);
    expect(reported.afterMs).toBe(13_000 + watch.decideWithinMs);
  });

  it("ends without a verdict when acts never stop", async () => {
    const { clock, acts, ask } = await bench();
    await pass(clock, 20_000);
    acts();
    const reported = ask();
    for (let i = 0; i < 15 && reported.ok === undefined; i++) {
      await pass(clock, 5000);
      acts();
    }
    expect(reported).toMatchObject({
      ok: false,
      felt: ["one action followed another: users were never seen for 13 s without one"],
      afterMs: 60_000,
    });
  });

  it("waits the whole time again for the undecided after an action in the middle of it", async () => {
    const { clock, world, watch, acts, ask } = await bench();
    await pass(clock, 20_000);
    let failures = 1;
    world.mood = (user) => {
      if (user !== 7) return WELL(user);
      return failures-- > 0 ? { result: "status", status: 502 } : { user: 8 };
    };
    acts();
    const reported = ask();
    await pass(clock, 35_000);
    acts();
    failures = 1;
    await pass(clock, 50_000);
    expect(reported).toMatchObject({ ok: false, afterMs: 35_000 + 13_000 + watch.decideWithinMs });
  });
});

describe("waiting for users", () => {
  it("ends with the first thing that is seen, at the deadline, or when aborted", async () => {
    const { clock, watch } = await bench();
    const abort = new AbortController();
    let value: string | undefined;
    const seen = watch.until(() => value, 10_000, abort.signal);
    const never = watch.until(() => undefined, 3000, abort.signal);
    const aborted = watch.until(() => undefined, 10_000, abort.signal);
    const reason = expect(aborted).rejects.toThrow("enough");
    await pass(clock, 3000);
    expect(await never).toBeUndefined();
    value = "there";
    await pass(clock, 500);
    expect(await seen).toBe("there");
    abort.abort(new Error("enough"));
    await reason;
    await expect(watch.until(() => 1, 10, abort.signal)).rejects.toThrow("enough");
  });

  it("that ends keeps no other from its look", async () => {
    const { clock, watch } = await bench();
    const signal = new AbortController().signal;
    const looks: number[] = [];
    const first = watch.until(() => 1, 10_000, signal);
    const second = watch.until(() => 2, 10_000, signal);
    watch.onTick(() => looks.push(clock.now()));
    await pass(clock, 500);
    expect([await first, await second]).toEqual([1, 2]);
    expect(looks).toHaveLength(1);
  });

  it("is over when it is stopped", async () => {
    const { clock, watch } = await bench();
    let ticks = 0;
    watch.onTick(() => ticks++);
    watch.stop();
    await pass(clock, 2000);
    expect(ticks).toBe(0);
  });
});

describe("lost user-minutes", () => {
  it("are those of the affected users per 1,000, while they last", async () => {
    const { clock, world, watch } = await bench();
    await pass(clock, 10_000);
    watch.countLossFrom(clock.wall());
    world.mood = SICK;
    await pass(clock, 60_000);
    watch.countLossUntil(clock.wall());
    await pass(clock, 60_000);
    // A third of the users for a minute.
    expect(watch.lost).toBeGreaterThan(330);
    expect(watch.lost).toBeLessThan(336);
  });

  it("are counted to the moment of the query, also within a window", async () => {
    const { clock, world, watch } = await bench();
    await pass(clock, 10_000);
    watch.countLossFrom(clock.wall());
    world.mood = SICK;
    await pass(clock, 5000);
    expect(watch.lost).toBeCloseTo((333 * 5) / 60, 0);
  });

  it("count requests that wait in vain once the wait is over", async () => {
    const { clock, world, watch } = await bench();
    await pass(clock, 10_000);
    watch.countLossFrom(clock.wall());
    world.mood = (user) => (user % 2 === 0 ? HANGING(user) : WELL(user));
    await pass(clock, 10_000);
    watch.countLossUntil(clock.wall());
    world.mood = WELL;
    await pass(clock, 20_000);
    expect(watch.lost).toBeCloseTo((500 * 10) / 60, 0);
  });

  it("are none while counting is off", async () => {
    const { clock, world, watch } = await bench();
    world.mood = SICK;
    await pass(clock, 30_000);
    await settled();
    expect(watch.lost).toBe(0);
  });
});

describe("what was lost before counting began", () => {
  it("is not counted, nor what is lost after the end", async () => {
    const { clock, world, watch } = await bench();
    world.mood = SICK;
    await pass(clock, 30_000);
    world.mood = WELL;
    await pass(clock, 20_000);
    watch.countLossFrom(clock.wall());
    await pass(clock, 20_000);
    watch.countLossUntil(clock.wall());
    world.mood = SICK;
    await pass(clock, 30_000);
    expect(watch.lost).toBe(0);
  });

  it("is counted of requests that waited in vain from the end of a window on, once that is known", () => {
    const clock = createManualClock();
    const traffic = createTraffic({ users: 500 });
    const watch = createWatch({
      clock,
      traffic,
      pace: drillPace,
      requestTimeoutMs: 9000,
      everyMs: 500,
      quietSince: () => 0,
    });
    const from = clock.wall();
    watch.countLossFrom(from);
    traffic.probed({ type: "probe", at: from, records: [probed({ sentAt: from, user: 1 })], openSince: [] });
    clock.advance(18_500);
    const gaveUp = probed({ sentAt: from + 9500, user: 7, result: "timeout", status: undefined });
    traffic.probed({ type: "probe", at: clock.wall(), records: [gaveUp], openSince: [] });
    clock.advance(20_000);
    watch.countLossUntil(from + 10_000);
    expect(watch.lost).toBeCloseTo((2 * 10) / 60, 6);
  });
});

describe("users who wait", () => {
  const hanging = (user: number) => (user === 7 ? HANGING(user) : WELL(user));

  it("leave a verdict open when they have waited for longer than any request may, and not before", async () => {
    const { clock, world, watch } = await bench();
    await pass(clock, 20_000);
    world.mood = hanging;
    // User 7 comes at once, and gives up after eight seconds.
    await pass(clock, 3000);
    expect(watch.wellness(clock.wall() - 13_000)).toMatchObject({ ok: true, undecided: false });
    await pass(clock, 500);
    expect(watch.wellness(clock.wall() - 13_000)).toMatchObject({
      ok: false,
      undecided: true,
      felt: ["1 requests have no answer yet"],
    });
  });

  it("may wait for twice the slowest p95 of steady state", async () => {
    const slow = {
      ...drillPace,
      steadyState: { ...drillPace.steadyState, p95Ms: { page: 4000, login: 200 } },
    };
    const { clock, world, watch } = await bench(slow);
    await pass(clock, 20_000);
    world.mood = hanging;
    await pass(clock, 5000);
    world.mood = WELL;
    await pass(clock, 2500);
    expect(watch.wellness(clock.wall() - 13_000)).toMatchObject({ ok: true, undecided: false });
  });

  it("count as failed only once they have waited for three seconds", async () => {
    const { clock, world, watch } = await bench();
    await pass(clock, 20_000);
    world.mood = (user) => (user % 10 === 0 ? HANGING(user) : WELL(user));
    await pass(clock, 2500);
    expect(watch.wellness(clock.wall() - 13_000).ok).toBe(true);
    await pass(clock, 2500);
    expect(watch.wellness(clock.wall() - 13_000).felt[0]).toContain("of requests fail");
  });
});

describe("users who come seldom", () => {
  const every = (visitEveryMs: number) => {
    const { workload } = drillPace;
    return { ...drillPace, workload: { ...workload, users: { ...workload.users, visitEveryMs } } };
  };

  it("are waited for by a check up to a minute, and not at all beyond that", async () => {
    const longest = (60_000 - 9000) / 3 / 1.2;
    expect((await bench(every(longest))).watch.decideWithinMs).toBe(60_000);
    expect((await bench(every(longest + 1))).watch.decideWithinMs).toBe(0);
  });

  it("do not fail a check by a single failure", async () => {
    const { clock, world, watch, acts } = await bench(every(60_000));
    await pass(clock, 20_000);
    let failures = 1;
    world.mood = (user) => (user === 7 && failures-- > 0 ? { result: "status", status: 502 } : WELL(user));
    acts();
    await pass(clock, 4000);
    world.mood = (user) => (user === 7 ? { user: 8 } : WELL(user));
    await pass(clock, 9000);
    expect(watch.wellness(clock.wall() - 13_000)).toMatchObject({ ok: true, undecided: false });
  });
});
