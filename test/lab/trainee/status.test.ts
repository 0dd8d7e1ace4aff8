import { beforeEach, describe, expect, it } from "vitest";
import { statusOf, usersOfDrill } from "../../../lab/trainee/status.ts";
import { createDrillBench, type DrillBench } from "../../support/fake-drill.ts";
import { pool, unit, upstream } from "../../support/evidence.ts";
import { createFakeWorld, SICK, WELL } from "../../support/fake-world.ts";
import { createManualClock } from "../../support/manual-clock.ts";

let bench: DrillBench;
const look = () =>
  statusOf({
    listener: "127.0.0.1:8080",
    world: () => bench.world,
    drill: () => bench.drill,
    users: () => usersOfDrill(bench.drill),
  });

beforeEach(() => {
  bench = createDrillBench({ timeLimitMs: 600_000 });
  bench.world.units = [
    unit("balancer"),
    ...[1, 2, 3, 4, 5, 6].map((n) => unit(`web-${n}`, { restarts: n - 1 })),
  ];
});

describe("the status", () => {
  it("before the page is a quiet lab", async () => {
    await bench.runUntil("steady");
    const { users, drill, alerts } = await look();
    expect(users).toMatchObject({ population: 500, failedRatio: 0, affectedRatio: 0, failures: {} });
    expect(users.affectedFailedRatio).toBeUndefined();
    expect(users.requestsPerSecond).toBeCloseTo(200, -1);
    expect(drill).toMatchObject({
      alias: "lantern",
      secondsSincePage: undefined,
      usersWell: true,
      hintsTaken: 0,
    });
    expect(alerts).toEqual([]);
  });

  it("in an incident shows the affected users, their answers and the backends that gave them, over the last 10 s", async () => {
    await bench.runUntil("paged");
    await bench.pass(15_000);
    const { users, backends, drill, alerts } = await look();
    expect(users.failedRatio).toBeCloseTo(0.334, 1);
    expect(users.affectedRatio).toBeCloseTo(0.334, 1);
    expect(users.affectedFailedRatio).toBe(1);
    expect(users.othersFailedRatio).toBe(0);
    expect(users.failures["page"]?.["503"]).toBeGreaterThan(300);
    expect(users.routes["page"]?.p95Ms).toBe(50);
    const [first, second] = backends;
    expect(first).toMatchObject({ backend: "web-1", restarts: 0, state: "active" });
    expect(first?.failedRatio).toBeGreaterThan(0.6);
    expect(second?.failedRatio).toBe(0);
    expect(backends.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
    expect(backends.at(-1)).toMatchObject({ backend: "web-6", share: 0, answersPerSecond: 0, restarts: 5 });
    expect(drill).toMatchObject({
      phase: "open",
      usersWell: false,
      secondsLeft: expect.any(Number) as number,
      diagnosed: false,
    });
    expect(drill?.secondsSincePage).toBeGreaterThanOrEqual(15);
    expect(alerts).toMatchObject([{ name: "HighFailureRatio" }]);
  });

  it("lists what a diagnosis can name beside the lab's own words, where the scenario adds some", async () => {
    await bench.runUntil("steady");
    expect((await look()).drill).not.toHaveProperty("words");
    const words = { mechanisms: { "clock-skew": "two clocks" } };
    bench = createDrillBench({}, undefined, { words });
    await bench.runUntil("steady");
    expect((await look()).drill?.words).toEqual(words);
  });

  it("shows neither the scenario nor its answer", async () => {
    await bench.runUntil("paged");
    expect(JSON.stringify(await look())).not.toMatch(/uneven|skew|unbalanced/i);
  });

  it("has no users before the first request", async () => {
    const world = createFakeWorld(createManualClock());
    const seen = await statusOf({
      listener: "127.0.0.1:8080",
      world: () => world,
      drill: () => undefined,
      users: () => undefined,
    });
    expect(seen).toMatchObject({ drill: undefined, backends: [], users: { population: 0, requests: 0 } });
  });

  it("shows the users of a lab that is up without a drill, as those of one with a drill", async () => {
    await bench.runUntil("paged");
    await bench.pass(15_000);
    const users = usersOfDrill(bench.drill);
    const seen = await statusOf({
      listener: "127.0.0.1:8080",
      world: () => bench.world,
      drill: () => undefined,
      users: () => users,
    });
    expect(seen.users).toEqual((await look()).users);
    expect(seen.users.failedRatio).toBeGreaterThan(0.3);
  });

  it("parts the requests a second into those of the users and those of the load", async () => {
    await bench.runUntil("steady");
    const { users } = await look();
    expect(users.probeRequestsPerSecond + users.loadRequestsPerSecond).toBeCloseTo(users.requestsPerSecond);
    expect(users.probeRequestsPerSecond).toBeCloseTo(users.requests / 10, 0);
  });

  it("takes a backend's share among the upstreams of its pool, so that shares of a pool sum to 1", async () => {
    const member = (name: string, weight: number) => ({ ...upstream(name), weight });
    bench.world.pools = [
      pool({ upstreams: [1, 2, 3, 4, 5].map((n) => member(`web-${n}`, n === 1 ? 6 : 1)) }),
      pool({ pool: "other", upstreams: [member("web-6", 1)] }),
    ];
    await bench.runUntil("paged");
    await bench.pass(15_000);
    const { backends } = await look();
    const web = backends.filter(({ backend }) => backend !== "web-6");
    expect(web.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
    expect(web[0]?.configuredShare).toBeCloseTo(0.6);
    expect(backends.find(({ backend }) => backend === "web-6")).toMatchObject({
      share: 0,
      configuredShare: 1,
    });
  });

  it("has no share of a backend that no user reaches directly", async () => {
    bench.world.units = [...bench.world.units, unit("database")];
    bench.world.pools = [pool()];
    await bench.runUntil("steady");
    const { backends } = await look();
    expect(backends.find(({ backend }) => backend === "database")).toMatchObject({
      seen: false,
      configuredShare: null,
    });
    expect(backends.find(({ backend }) => backend === "web-1")).toMatchObject({ seen: true });
  });

  it("is the last 10 s' only: what was is over", async () => {
    await bench.runUntil("paged");
    bench.world.mood = SICK;
    await bench.pass(5000);
    bench.world.mood = WELL;
    await bench.pass(11_000);
    expect((await look()).users.failedRatio).toBe(0);
  });
});
