import { describe, expect, it } from "vitest";
import { createBench, poolOf, type Bench } from "../../support/balancer-bench.ts";

const retry = { attempts: 3, on: ["connect-failure", "5xx"], budgetPercent: 100, backoffMs: 100 };

function start(upstreams = 2, settings: Record<string, unknown> = {}) {
  return createBench({ web: poolOf(upstreams, { retry, ...settings }) });
}

/** Milliseconds until the next try, in steps of one. */
function untilNextTry({ clock, transport }: Bench): number {
  const before = transport.attempts.length;
  for (let ms = 1; ms <= 1000; ms++) {
    clock.advance(1);
    if (transport.attempts.length > before) return ms;
  }
  throw new Error("no further try");
}

describe("the back-off before a retry", () => {
  it("is drawn anew each time, below a limit that doubles", () => {
    const waits: number[][] = [[], [], []];
    const bench = start();
    for (let i = 0; i < 60; i++) {
      bench.request();
      for (const round of waits) {
        bench.transport.last.fail("refused");
        round.push(untilNextTry(bench));
      }
      bench.transport.last.answer(200);
      // Past what the budget remembers.
      bench.clock.advance(10_000);
    }
    waits.forEach((round, i) => {
      const limit = 100 * (1 << i);
      expect(Math.max(...round)).toBeLessThanOrEqual(limit);
      expect(Math.max(...round)).toBeGreaterThan(0.85 * limit);
      expect(Math.min(...round)).toBeLessThan(0.15 * limit);
      expect(round.reduce((sum, ms) => sum + ms, 0) / round.length / limit).toBeCloseTo(0.5, 0);
    });
  });

  it("keeps the place at the failed upstream, then moves it", () => {
    const bench = start();
    bench.request();
    bench.transport.last.fail("refused");
    expect(bench.inFlight()).toEqual({ u1: 1, u2: 0 });
    untilNextTry(bench);
    expect(bench.inFlight()).toEqual({ u1: 0, u2: 1 });
    bench.transport.last.answer(200);
    expect(bench.watched.events).toContain("retry web connect-failure");
    expect(bench.inFlight()).toEqual({ u1: 0, u2: 0 });
    expect(bench.clock.pending).toBe(0);
  });

  it("ends with a client that leaves, whose try is counted once", () => {
    const bench = start();
    const exchange = bench.request();
    bench.transport.last.fail("refused");
    exchange.clientLeaves();
    expect(bench.clock.pending).toBe(0);
    expect(bench.lastRecord()).toMatchObject({
      status: 499,
      flag: "DC",
      attempts: [{ upstream: "u1", result: "refused" }],
    });
    expect(bench.inFlight()).toEqual({ u1: 0, u2: 0 });
  });

  it("ends with the total timeout", () => {
    const bench = start(2, { timeouts: { totalMs: 1 }, retry: { ...retry, backoffMs: 60_000 } });
    const exchange = bench.request();
    bench.transport.last.fail("refused");
    bench.clock.advance(1);
    expect(exchange.status).toBe(504);
    expect(bench.lastRecord()).toMatchObject({ flag: "UT", attempts: [{ result: "refused" }] });
    expect(bench.clock.pending).toBe(0);
  });

  it("gives a 5xx answer up at once, and answers 503 if by then nobody can be asked", () => {
    const bench = start();
    const exchange = bench.request();
    expect(bench.transport.last.head(500)).toBe(false);
    bench.balancer.setState("u1", "maintenance");
    bench.balancer.setState("u2", "maintenance");
    bench.clock.advance(100);
    expect(exchange.status).toBe(503);
    expect(bench.lastRecord()).toMatchObject({ flag: "UH", attempts: [{ upstream: "u1", result: "5xx" }] });
  });

  it("lets a refusal stand if by then nobody can be asked", () => {
    const bench = start();
    bench.request();
    bench.transport.last.fail("refused");
    bench.balancer.setState("u1", "maintenance");
    bench.balancer.setState("u2", "maintenance");
    bench.clock.advance(100);
    expect(bench.lastRecord()).toMatchObject({ status: 502, flag: "UF" });
    expect(bench.inFlight()).toEqual({ u1: 0, u2: 0 });
  });
});
