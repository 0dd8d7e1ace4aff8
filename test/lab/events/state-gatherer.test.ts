import { beforeEach, describe, expect, it } from "vitest";
import { createEventBus } from "../../../lab/events/bus.ts";
import { createStateGatherer } from "../../../lab/events/state-gatherer.ts";
import type { StatusView } from "../../../lab/trainee/views.ts";
import type { QueryAnswer } from "../../../lab/world/monitoring.ts";
import type { PoolStatus, World } from "../../../lab/world/world.ts";
import { seeded } from "../../../runtime/random.ts";
import { createFakeWorld, pass, settled, type FakeWorld } from "../../support/fake-world.ts";
import { createManualClock, type ManualClock } from "../../support/manual-clock.ts";

const POOL: PoolStatus = {
  pool: "web",
  policy: "round-robin",
  queueLength: 0,
  queueLimit: 40,
  upstreams: [
    {
      pool: "web",
      upstream: "web-1",
      address: "127.0.0.1:9101",
      state: "UP",
      weight: 1,
      inFlight: 0,
      maxConnections: 8,
      requests: 1,
      failures: 0,
    },
  ],
};
const RATE: QueryAnswer = {
  resultType: "vector",
  result: [{ metric: { pool: "web", upstream: "web-1" }, value: [0, "12"] }],
};

let clock: ManualClock;
let fake: FakeWorld;
let world: World | undefined;
let pools: () => Promise<readonly PoolStatus[] | undefined>;
let queries: number;
let states: StatusView[];

const worldOf = (base: FakeWorld): World => ({
  ...base,
  sight: { ...base.sight, units: () => base.units, pools: () => pools() },
  monitoring: { ...base.monitoring, query: async () => (queries++, RATE) },
});

beforeEach(() => {
  clock = createManualClock();
  fake = createFakeWorld(clock);
  world = worldOf(fake);
  pools = async () => [POOL];
  queries = 0;
  states = [];
  const gather = createStateGatherer({
    clock,
    listener: "127.0.0.1:8080",
    world: () => world,
    drill: () => undefined,
    users: () => undefined,
  });
  const bus = createEventBus({ clock, random: seeded(1), gather });
  bus.watch(fake);
  bus.subscribe(new Set(["state"]), (event) => event.type === "state" && void states.push(event.state));
});

describe("the lab at a glance, four times a second", () => {
  it("has the balancer's pools with their rates, and queries the evaluator once a second only", async () => {
    await pass(clock, 2000);
    expect(states).toHaveLength(9);
    expect(states.at(-1)?.pools).toMatchObject([
      { pool: "web", upstreams: [{ upstream: "web-1", requestsPerSecond: 12, failuresPerSecond: 12 }] },
    ]);
    // Two expressions each time.
    expect(queries).toBe(2 * 3);
  });

  it("goes on while the balancer hangs: with its last answer, then without it, then with it again", async () => {
    await settled();
    let answer = (): void => {};
    let queries = 0;
    pools = () => {
      queries++;
      return new Promise((resolve) => (answer = () => resolve([{ ...POOL, queueLength: 7 }])));
    };
    await pass(clock, 2000);
    expect(states.length).toBeGreaterThanOrEqual(5);
    expect(states.at(1)?.pools?.[0]?.queueLength).toBe(0);
    expect(states.at(-1)?.pools).toBeUndefined();
    expect(queries).toBe(1);
    answer();
    await pass(clock, 500);
    expect(states.some((state) => state.pools?.[0]?.queueLength === 7)).toBe(true);
  });

  it("shows units as they are, whatever hangs", async () => {
    pools = () => new Promise(() => {});
    await pass(clock, 500);
    fake.units = [{ name: "web-1", program: "backend", state: "failed" } as never];
    await pass(clock, 1000);
    expect(states.at(-1)?.units).toMatchObject([{ name: "web-1", state: "failed" }]);
  });

  it("has no pools of a balancer that refuses", async () => {
    pools = () => Promise.reject(new Error("connect ECONNREFUSED"));
    await pass(clock, 500);
    expect(states.at(-1)?.pools).toBeUndefined();
  });

  it("has nothing of an earlier world", async () => {
    await pass(clock, 500);
    pools = () => new Promise(() => {});
    world = worldOf(createFakeWorld(clock));
    await pass(clock, 500);
    expect(states.at(-1)?.pools).toBeUndefined();
  });

  it("is left out while there is no world", async () => {
    await settled();
    const before = states.length;
    world = undefined;
    await pass(clock, 500);
    expect(states).toHaveLength(before);
  });
});
