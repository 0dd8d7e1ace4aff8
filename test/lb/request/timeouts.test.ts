import { describe, expect, it } from "vitest";
import { createBench, poolOf } from "../../support/balancer-bench.ts";

const SWITCH = ["Upgrade", "websocket"];

describe("the total timeout", () => {
  it("does not exist unless it is set", () => {
    const bench = createBench({ web: poolOf(1) });
    const exchange = bench.request();
    bench.transport.last.head(200);
    for (let i = 0; i < 1000; i++) {
      bench.clock.advance(20_000);
      bench.transport.last.write("x");
    }
    expect(exchange.outcome).toBeUndefined();
  });

  it("answers 504 UT when there is no head by then, and frees the place", () => {
    const bench = createBench({ web: poolOf(1) }, { timeouts: { totalMs: 3000 } });
    const exchange = bench.request();
    bench.transport.last.connect();
    bench.clock.advance(2999);
    expect(exchange.outcome).toBeUndefined();
    bench.clock.advance(1);
    expect(exchange).toMatchObject({ status: 504, outcome: "answered" });
    expect(bench.transport.last.aborted).toBe(true);
    expect(bench.lastRecord()).toMatchObject({
      flag: "UT",
      state: "sH",
      totalMs: 3000,
      attempts: [{ upstream: "u1", result: "timeout" }],
    });
    expect(bench.inFlight()).toEqual({ u1: 0 });
    expect(bench.clock.pending).toBe(0);
  });

  it("cuts an answer that has begun, however steadily it flows", () => {
    const bench = createBench({ web: poolOf(1) }, { timeouts: { totalMs: 3000 } });
    const exchange = bench.request();
    bench.transport.last.head(200);
    for (let i = 0; i < 3; i++) {
      bench.transport.last.write("x");
      bench.clock.advance(1000);
    }
    expect(exchange).toMatchObject({ status: 200, outcome: "cut", body: "xxx" });
    expect(bench.lastRecord()).toMatchObject({ status: 200, flag: "UT", state: "sD" });
  });

  it("goes on in the queue", () => {
    const pool = poolOf(1, { queue: { timeoutMs: 60_000 } }, { maxConnections: 1 });
    const bench = createBench({ web: pool });
    bench.request();
    const { config } = bench.balancer;
    bench.balancer.apply({ ...config, timeouts: { ...config.timeouts, totalMs: 3000 } }, 2);
    const waiting = bench.request();
    bench.clock.advance(3000);
    expect(waiting.status).toBe(504);
    expect(bench.lastRecord()).toMatchObject({ flag: "UT", queueMs: 3000, attempts: [] });
    expect(bench.balancer.pools()[0]?.queueLength).toBe(0);
    bench.transport.last.answer(200);
    expect(bench.clock.pending).toBe(0);
  });

  it("goes on over retries", () => {
    const bench = createBench({ web: poolOf(1, { timeouts: { totalMs: 3000 } }) });
    const exchange = bench.request();
    bench.clock.advance(1500);
    bench.transport.last.fail("refused");
    bench.clock.advance(1500);
    expect(exchange.status).toBe(504);
    expect(bench.lastRecord()).toMatchObject({ attempts: [{ result: "refused" }, { result: "timeout" }] });
  });

  it("is a pool's own before it is everyone's, and no tunnel's", () => {
    const bench = createBench(
      { web: poolOf(1, { timeouts: { totalMs: 9000 } }) },
      { timeouts: { totalMs: 1000 } },
    );
    const exchange = bench.request({ upgrade: "websocket" });
    bench.clock.advance(1500);
    bench.transport.last.head(101, SWITCH);
    bench.clock.advance(100_000);
    expect(exchange).toMatchObject({ status: 101, outcome: undefined });
  });
});

describe("the time between two events", () => {
  it.each([
    ["an hour by default", "text/event-stream", {}, {}, 3_600_000],
    ["streamIdleMs where it is set", "text/event-stream; charset=utf-8", { streamIdleMs: 900 }, {}, 900],
    [
      "the pool's own before that",
      "Text/Event-Stream",
      { streamIdleMs: 900 },
      { streamIdleMs: 70_000_000 },
      70_000_000,
    ],
    ["none for other types", "text/event-streams", { streamIdleMs: 1 }, {}, 30_000],
  ])("is %s", (_what, type, timeouts, own, expected) => {
    const bench = createBench({ web: poolOf(1, { timeouts: own }) }, { timeouts });
    const exchange = bench.request();
    bench.transport.last.head(200, ["Content-Type", type]);
    bench.clock.advance(expected - 1);
    bench.transport.last.write("data: x\n\n");
    bench.clock.advance(expected - 1);
    expect(exchange.outcome).toBeUndefined();
    bench.clock.advance(1);
    expect(exchange.outcome).toBe("cut");
  });
});

describe("the time between two pieces of an answer", () => {
  it.each([
    ["idleMs by default", {}, {}, 30_000],
    ["bodyIdleMs where it is set", { bodyIdleMs: 700 }, {}, 700],
    ["the pool's own before that", { bodyIdleMs: 700 }, { bodyIdleMs: 900 }, 900],
  ])("is %s", (_what, timeouts, own, expected) => {
    const bench = createBench({ web: poolOf(1, { timeouts: own }) }, { timeouts });
    const exchange = bench.request();
    bench.transport.last.head(200);
    bench.transport.last.write("x");
    bench.clock.advance(expected - 1);
    bench.transport.last.write("x");
    bench.clock.advance(expected - 1);
    expect(exchange.outcome).toBeUndefined();
    bench.clock.advance(1);
    expect(exchange.outcome).toBe("cut");
    expect(bench.lastRecord()).toMatchObject({
      status: 200,
      flag: "UT",
      state: "sD",
      reason: "answer-stalled",
      attempts: [{ result: "timeout" }],
    });
  });
});
