import { describe, expect, it } from "vitest";
import { configOf, createBench, poolOf, type Bench } from "../../support/balancer-bench.ts";

const ports = ({ transport }: Bench) => transport.attempts.map(({ port }) => port);
const upstreams = (bench: Bench) => bench.balancer.pools()[0]?.upstreams ?? [];

describe("a new configuration", () => {
  it("keeps the counters, the load and the turns of upstreams that stay", () => {
    const bench = createBench({ web: poolOf(3) });
    bench.request();
    bench.request();
    bench.transport.last.fail("refused");
    bench.apply({ web: poolOf(3, { retry: { attempts: 0 } }) });
    expect(bench.balancer.version).toBe(2);
    expect(upstreams(bench)).toMatchObject([
      { inFlight: 1, requests: 1 },
      { requests: 1, failures: 1 },
      { inFlight: 1, requests: 1 },
    ]);
    bench.request();
    expect(bench.transport.last.port).not.toBe(2);
  });

  it("sends nothing new to an upstream that left, which finishes what it has", () => {
    const bench = createBench({ web: poolOf(2) });
    const running = bench.request();
    expect(bench.transport.last.port).toBe(1);
    const pool = poolOf(2);
    bench.apply({ web: { ...pool, upstreams: pool.upstreams.slice(1) } });
    expect(bench.transport.forgotten).toEqual([1]);
    for (let i = 0; i < 5; i++) bench.request();
    expect(ports(bench).slice(1)).toEqual([2, 2, 2, 2, 2]);
    bench.transport.attempts[0]?.answer(200);
    expect(running.status).toBe(200);
    expect(bench.inFlight()).toEqual({ u2: 5 });
  });

  it("sends no retry and no repeat to an upstream that left", () => {
    const bench = createBench({ web: poolOf(2) });
    bench.request();
    bench.transport.last.connect(true);
    const pool = poolOf(2);
    bench.apply({ web: { ...pool, upstreams: pool.upstreams.slice(1) } });
    bench.transport.last.fail("reset");
    expect(bench.lastRecord()).toMatchObject({ flag: "UC" });
    expect(ports(bench)).toEqual([1]);
  });

  it("takes a new address under an old name for another upstream", () => {
    const bench = createBench({ web: poolOf(1) });
    bench.request();
    bench.apply({ web: poolOf(1, { upstreams: [{ name: "u1", address: "127.0.0.1:77" }] }) });
    expect(upstreams(bench)).toMatchObject([{ address: "127.0.0.1:77", inFlight: 0, requests: 0 }]);
    bench.request();
    expect(ports(bench)).toEqual([1, 77]);
    bench.transport.attempts[0]?.answer(200);
    expect(bench.inFlight()).toEqual({ u1: 1 });
  });

  it("does not forget an address that another pool still uses", () => {
    const bench = createBench({ web: poolOf(1), api: poolOf(1) });
    bench.apply({ web: poolOf(1) });
    expect(bench.transport.forgotten).toEqual([]);
  });

  it("refuses those that wait in a pool that is gone, and lets those in flight end", () => {
    const each = { maxConnections: 1 };
    const bench = createBench({ web: poolOf(1), api: poolOf(1, {}, each) });
    const running = bench.request({ target: "/api" });
    const waiting = bench.request({ target: "/api" });
    bench.apply({ web: poolOf(1) });
    expect(waiting.status).toBe(503);
    expect(bench.lastRecord()).toMatchObject({ flag: "UH", pool: "api" });
    bench.transport.last.answer(200);
    expect(running.status).toBe(200);
    expect(bench.request({ target: "/api" }).outcome).toBeUndefined();
    expect(bench.transport.last.port).toBe(1);
    expect(bench.balancer.pools().map(({ name }) => name)).toEqual(["web"]);
  });

  it("keeps those that wait in a pool that stays", () => {
    const each = { maxConnections: 1 };
    const bench = createBench({ web: poolOf(1, {}, each) });
    bench.request();
    const waiting = bench.request();
    bench.apply({ web: poolOf(1, { policy: { type: "least-connections" } }, each) });
    expect(waiting.outcome).toBeUndefined();
    bench.transport.last.answer(200);
    expect(bench.transport.last.exchange).toBe(waiting);
  });

  it("that cannot work is refused as a whole, and the old one goes on", () => {
    const bench = createBench({ web: poolOf(1) });
    const config = configOf({ web: poolOf(2) });
    const [listener] = config.listeners;
    const toNowhere = {
      ...config,
      listeners: [{ name: "public", bind: "x:1", upgrades: [], routes: [{ path: "/", pool: "web2" }] }],
    };
    expect(() => bench.balancer.apply(toNowhere, 2)).toThrow(/web2/);
    expect(() => bench.balancer.apply({ ...config, trustedProxies: ["nonsense"] }, 2)).toThrow(/nonsense/);
    expect(listener).toBeDefined();
    expect(bench.balancer.version).toBe(1);
    expect(upstreams(bench)).toHaveLength(1);
    expect(bench.watched.events).not.toContain("configured 2");
  });

  it("may change the policy, the order and the weights at once", () => {
    const bench = createBench({ web: poolOf(3) });
    bench.request();
    const pool = poolOf(3, { policy: { type: "first" } });
    bench.apply({ web: { ...pool, upstreams: pool.upstreams.toReversed() } });
    bench.request();
    bench.request();
    expect(ports(bench).slice(1)).toEqual([3, 3]);
    bench.apply({ web: poolOf(3, {}, { weight: 5 }) });
    bench.request();
    bench.request();
    bench.request();
    expect(ports(bench).slice(3)).toEqual([1, 2, 3]);
  });

  it("counts full upstreams rightly when the policy begins or ceases to pin", () => {
    const each = { maxConnections: 1 };
    const hashed = { policy: { type: "ring-hash", key: "header:user" } };
    const ada = { headers: ["User", "ada"] };
    const bench = createBench({ web: poolOf(2, {}, each) });
    bench.request(ada);
    bench.request(ada);
    bench.apply({ web: poolOf(2, hashed, each) });
    bench.request(ada);
    expect(bench.transport.attempts).toHaveLength(2);
    bench.apply({ web: poolOf(2, {}, each) });
    bench.request(ada);
    expect(bench.transport.attempts).toHaveLength(2);
    for (const attempt of bench.transport.attempts.slice(0, 2)) attempt.answer(200);
    for (const attempt of bench.transport.open) attempt.answer(200);
    expect(bench.balancer.inFlight).toBe(0);
    expect(bench.inFlight()).toEqual({ u1: 0, u2: 0 });
  });

  it("lets an upstream be picked again that was full while the policy still pinned", () => {
    const each = { maxConnections: 1 };
    const bench = createBench({ web: poolOf(1, { policy: { type: "ring-hash", key: "peer" } }, each) });
    bench.request();
    bench.apply({ web: poolOf(1, {}, each) });
    bench.transport.last.answer(200);
    bench.request();
    expect(ports(bench)).toEqual([1, 1]);
  });

  it("may shorten the queue: those in it stay, newcomers are refused", () => {
    const each = { maxConnections: 1 };
    const bench = createBench({ web: poolOf(1, {}, each) });
    bench.request();
    const waiting = bench.request();
    bench.apply({ web: poolOf(1, { queue: { limit: 1 } }, each) });
    expect(bench.request().status).toBe(503);
    expect(waiting.outcome).toBeUndefined();
  });

  it("reaches the observer before anything that happens under it", () => {
    const bench = createBench({ web: poolOf(1) });
    bench.apply({ web: poolOf(1), api: poolOf(1) });
    expect(bench.watched.events).toEqual([
      "configured 1",
      "state web/u1 UP",
      "configured 2",
      "state api/u1 UP",
    ]);
  });
});

describe("a change at run time", () => {
  it("of a weight moves the traffic in every pool that knows the name, until the next configuration", () => {
    const bench = createBench({ web: poolOf(2), api: poolOf(2) });
    expect(bench.balancer.setWeight("u1", 0)).toBe(true);
    for (const target of ["/", "/", "/api", "/api"]) bench.request({ target });
    expect(ports(bench)).toEqual([2, 2, 2, 2]);
    bench.apply({ web: poolOf(2), api: poolOf(2) });
    expect(upstreams(bench)).toMatchObject([{ weight: 1 }, { weight: 1 }]);
  });

  it("of a weight above nothing changes the turns, and load changes what least-connections picks", () => {
    const bench = createBench({ web: poolOf(2), api: poolOf(2, { policy: { type: "least-connections" } }) });
    bench.balancer.setWeight("u1", 3);
    for (let i = 0; i < 4; i++) bench.request();
    expect(ports(bench)).toEqual([1, 1, 2, 1]);
    bench.balancer.setWeight("u1", 1);
    for (let i = 0; i < 4; i++) bench.request();
    expect(ports(bench).slice(4)).toEqual([1, 2, 1, 2]);
    for (let i = 0; i < 4; i++) bench.request({ target: "/api" });
    for (const attempt of bench.transport.attempts.slice(8)) if (attempt.port === 2) attempt.answer(200);
    for (let i = 0; i < 2; i++) bench.request({ target: "/api" });
    expect(ports(bench).slice(-2)).toEqual([2, 2]);
  });

  it("of a state reaches the observer, and an unknown name is reported", () => {
    const bench = createBench({ web: poolOf(2) });
    expect(bench.balancer.setState("u2", "drain")).toBe(true);
    expect(bench.balancer.setState("u2", "maintenance")).toBe(true);
    expect(bench.balancer.setState("u9", "drain")).toBe(false);
    expect(bench.watched.events.slice(-2)).toEqual(["state web/u2 DRAIN", "state web/u2 MAINT"]);
  });
});

describe("the picture of a pool", () => {
  it("shares by the weights of all that are ready, healthy or not", () => {
    const upstreams = [35, 12, 1, 1, 1].map((weight, i) => ({
      name: `u${i}`,
      address: `h:${i + 1}`,
      weight,
    }));
    const drained = { name: "off", address: "h:9", weight: 50, state: "drain" };
    const bench = createBench({
      web: { policy: { type: "round-robin" }, upstreams: [...upstreams, drained] },
    });
    const [pool] = bench.balancer.pools();
    expect(pool).toMatchObject({ name: "web", policy: "round-robin", queueLength: 0, queueLimit: 128 });
    expect(pool?.upstreams.map(({ configuredShare }) => configuredShare)).toEqual([
      0.7, 0.24, 0.02, 0.02, 0.02, 0,
    ]);
    expect(pool?.upstreams.at(-1)).toMatchObject({ state: "DRAIN", pool: "web", check: undefined });
  });
});
