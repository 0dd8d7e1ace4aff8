import { describe, expect, it } from "vitest";
import { createBench, poolOf, type Bench } from "../../../support/balancer-bench.ts";

const health = { health: { path: "/healthz", intervalMs: 1000, timeoutMs: 500, fall: 3, rise: 2 } };
const states = (bench: Bench) => bench.balancer.pools()[0]?.upstreams.map(({ state }) => state);

/** Lets one interval pass and answers every check in it by its port: true passes. */
function round(bench: Bench, passes: (port: number) => boolean) {
  const before = bench.transport.checks.length;
  bench.clock.advance(250);
  for (const check of bench.transport.checks.slice(before)) check.done(passes(check.port) ? 200 : 500);
  bench.clock.advance(750);
}

/** A bench in whose first interval all checks passed, so that every later round has one of each upstream. */
function start(count: number, settings: Record<string, unknown> = {}) {
  const bench = createBench({ web: poolOf(count, { ...health, ...settings }) });
  round(bench, () => true);
  return bench;
}

describe("a pool with health checks", () => {
  it("takes an upstream DOWN after three failures in a row, and UP after two passes", () => {
    const bench = start(2);
    expect(states(bench)).toEqual(["UP", "UP"]);
    for (const [ok, state] of [
      [false, "UP"],
      [false, "UP"],
      [true, "UP"],
      [false, "UP"],
      [false, "UP"],
      [false, "DOWN"],
      [true, "DOWN"],
      [false, "DOWN"],
      [true, "DOWN"],
      [true, "UP"],
    ] as const) {
      round(bench, (port) => port === 2 || ok);
      expect(states(bench)).toEqual([state, "UP"]);
    }
    expect(bench.watched.events.filter((line) => line.startsWith("state web/u1"))).toEqual([
      "state web/u1 UP",
      "state web/u1 DOWN",
      "state web/u1 UP",
    ]);
    expect(bench.balancer.pools()[0]?.upstreams[0]).toMatchObject({
      checkFailures: 6,
      check: { ok: true, detail: "status 200" },
    });
  });

  it("sends nothing to one that is DOWN, and refuses with UH when all are", () => {
    const bench = start(2);
    for (let i = 0; i < 3; i++) round(bench, (port) => port === 2);
    bench.request();
    bench.request();
    expect(bench.transport.open.map(({ port }) => port)).toEqual([2, 2]);
    bench.transport.open.forEach((attempt) => attempt.answer(200));
    for (let i = 0; i < 3; i++) round(bench, () => false);
    expect(bench.request().status).toBe(503);
    expect(bench.lastRecord()).toMatchObject({ flag: "UH" });
  });

  it("sends to all that are ready when all are DOWN, if it is set so, and stops when one comes back", () => {
    const bench = start(3, { allDown: "all" });
    bench.balancer.setState("u3", "drain");
    for (let i = 0; i < 3; i++) round(bench, () => false);
    expect(states(bench)).toEqual(["DOWN", "DOWN", "DRAIN"]);
    bench.request();
    bench.request();
    expect(bench.transport.open.map(({ port }) => port)).toEqual([1, 2]);
    for (let i = 0; i < 2; i++) round(bench, (port) => port === 1);
    bench.transport.open.forEach((attempt) => attempt.answer(200));
    bench.request();
    bench.request();
    expect(bench.transport.open.map(({ port }) => port)).toEqual([1, 1]);
  });

  it("sends to all that are ready when fewer than the part that is set are UP, and stops when enough are", () => {
    const bench = start(4, { allDown: "all", panicBelowPercent: 50 });
    const asked = () => {
      for (let i = 0; i < 4; i++) bench.request();
      const ports = bench.transport.open.map(({ port }) => port);
      bench.transport.open.forEach((attempt) => attempt.answer(200));
      return ports.toSorted((a, b) => a - b);
    };
    for (let i = 0; i < 3; i++) round(bench, (port) => port <= 2);
    expect(asked()).toEqual([1, 1, 2, 2]);
    expect(bench.balancer.pools()[0]?.panic).toBe(false);
    for (let i = 0; i < 3; i++) round(bench, (port) => port === 1);
    expect(states(bench)).toEqual(["UP", "DOWN", "DOWN", "DOWN"]);
    expect(asked()).toEqual([1, 2, 3, 4]);
    expect(bench.balancer.pools()[0]?.panic).toBe(true);
    // Two of those that are left are enough for one in two.
    bench.balancer.setState("u4", "maintenance");
    bench.balancer.setState("u3", "maintenance");
    expect(asked()).toEqual([1, 1, 1, 1]);
    bench.balancer.setState("u3", "ready");
    expect(asked()).toEqual([1, 1, 2, 3]);
    for (let i = 0; i < 2; i++) round(bench, () => true);
    expect(bench.balancer.pools()[0]?.panic).toBe(false);
  });

  it("takes a new threshold for a panic with its configuration, and has none with refuse", () => {
    const settings = { ...health, allDown: "all", panicBelowPercent: 60 };
    const bench = createBench({ web: poolOf(2, settings) });
    round(bench, () => true);
    for (let i = 0; i < 3; i++) round(bench, (port) => port === 1);
    expect(bench.balancer.pools()[0]?.panic).toBe(true);
    bench.apply({ web: poolOf(2, { ...settings, panicBelowPercent: 50 }) });
    expect(bench.balancer.pools()[0]?.panic).toBe(false);
    bench.apply({ web: poolOf(2, { ...settings, allDown: "refuse" }) });
    expect(bench.balancer.pools()[0]?.panic).toBe(false);
    bench.request();
    bench.request();
    expect(bench.transport.open.map(({ port }) => port)).toEqual([1, 1]);
  });

  it("keeps health over a configuration that keeps the checks, and over one that changes them", () => {
    const bench = start(2);
    for (let i = 0; i < 3; i++) round(bench, (port) => port === 2);
    bench.apply({ web: poolOf(2, { ...health, queue: { limit: 5 } }) });
    expect(states(bench)).toEqual(["DOWN", "UP"]);
    expect(bench.transport.checks.some(({ cancelled }) => cancelled)).toBe(false);
    bench.apply({ web: poolOf(2, { health: { ...health.health, rise: 1 } }) });
    expect(states(bench)).toEqual(["DOWN", "UP"]);
    round(bench, () => true);
    expect(states(bench)).toEqual(["UP", "UP"]);
  });

  it("takes everyone for UP once the checks are off, and anew for UP when they are on again", () => {
    const bench = start(2);
    for (let i = 0; i < 3; i++) round(bench, () => false);
    bench.apply({ web: poolOf(2) });
    expect(states(bench)).toEqual(["UP", "UP"]);
    expect(bench.clock.pending).toBe(0);
    bench.apply({ web: poolOf(2, health) });
    expect(states(bench)).toEqual(["UP", "UP"]);
    for (let i = 0; i < 3; i++) round(bench, () => false);
    expect(states(bench)).toEqual(["DOWN", "DOWN"]);
  });

  it("starts a new upstream as UP and asks it soon", () => {
    const bench = start(1);
    bench.apply({ web: poolOf(2, health) });
    const before = bench.transport.checks.length;
    bench.clock.advance(250);
    expect(bench.transport.checks.slice(before).map(({ port }) => port)).toContain(2);
    expect(states(bench)).toEqual(["UP", "UP"]);
  });

  it("does not check what is in maintenance or has left, and checks on while draining", () => {
    const bench = start(3);
    bench.balancer.setState("u1", "maintenance");
    bench.balancer.setState("u2", "drain");
    const seen = () => {
      const before = bench.transport.checks.length;
      round(bench, () => true);
      return bench.transport.checks.slice(before).map(({ port }) => port);
    };
    expect(new Set(seen())).toEqual(new Set([2, 3]));
    bench.balancer.setState("u1", "ready");
    expect(new Set(seen())).toEqual(new Set([1, 2, 3]));
    bench.apply({ web: poolOf(1, health) });
    expect(seen()).toEqual([1]);
  });

  it("leaves no timer behind when it is closed", () => {
    const bench = start(3);
    bench.balancer.close();
    expect(bench.clock.pending).toBe(0);
  });

  it("moves those that wait for an upstream that goes DOWN", () => {
    const bench = createBench({
      web: poolOf(
        2,
        {
          ...health,
          sticky: { cookie: "lb" },
          timeouts: { connectMs: 60_000 },
          queue: { timeoutMs: 60_000 },
        },
        {
          maxConnections: 1,
        },
      ),
    });
    round(bench, () => true);
    const stuck = { headers: ["Cookie", "lb=u1"] };
    bench.request(stuck);
    const waiting = bench.request(stuck);
    for (let i = 0; i < 3; i++) round(bench, (port) => port === 2);
    expect(bench.transport.last).toMatchObject({ port: 2, exchange: waiting });
  });
});

describe("an upstream's status in HAProxy's words", () => {
  const status = (bench: Bench) => bench.balancer.pools()[0]?.upstreams.map((one) => one.status);

  it("counts the checks that are still to go the other way", () => {
    const bench = start(1);
    const seen = [false, false, false, true, true].map((ok) => {
      round(bench, () => ok);
      return status(bench)?.[0];
    });
    expect(seen).toEqual(["UP 2/3", "UP 1/3", "DOWN", "DOWN 1/2", "UP"]);
  });

  it("says `no check` where nobody asks, and what people set in any case", () => {
    const bench = createBench({ web: poolOf(3) });
    bench.balancer.setState("u2", "drain");
    bench.balancer.setState("u3", "maintenance");
    expect(status(bench)).toEqual(["no check", "DRAIN", "MAINT"]);
    expect(states(bench)).toEqual(["UP", "DRAIN", "MAINT"]);
  });

  it("says of a drained one that it fails its checks, and then that it is DOWN", () => {
    const bench = start(2);
    bench.balancer.setState("u1", "drain");
    const seen = [1, 2, 3].map(() => {
      round(bench, (port) => port === 2);
      return status(bench)?.[0];
    });
    expect(seen).toEqual(["DRAIN 2/3", "DRAIN 1/3", "DOWN"]);
    expect(states(bench)).toEqual(["DRAIN", "UP"]);
  });
});

describe("a machine without descriptors", () => {
  it("leaves every upstream in the state that it was last found in", () => {
    const bench = start(2);
    for (let i = 0; i < 5; i++) {
      const before = bench.transport.checks.length;
      bench.clock.advance(250);
      for (const check of bench.transport.checks.slice(before)) check.fail("exhausted", "EMFILE");
      bench.clock.advance(750);
    }
    expect(states(bench)).toEqual(["UP", "UP"]);
    expect(bench.balancer.pools()[0]?.upstreams).toMatchObject([{ checkFailures: 0 }, { checkFailures: 0 }]);
  });

  it("answers 503 for itself, without another try, and no upstream is blamed", () => {
    const outlier = { consecutive5xx: 1, ejectionSeconds: 30, maxEjectedPercent: 100 };
    const bench = createBench({ web: poolOf(2, { outlier }) });
    const asked = bench.request();
    bench.transport.last.fail("exhausted");
    expect(asked.status).toBe(503);
    expect(bench.lastRecord()).toMatchObject({ status: 503, flag: "UF", state: "RC", origin: "balancer" });
    expect(bench.transport.attempts).toHaveLength(1);
    expect(bench.balancer.pools()[0]?.upstreams).toMatchObject([
      { state: "UP", failures: 0 },
      { state: "UP", failures: 0 },
    ]);
  });
});
