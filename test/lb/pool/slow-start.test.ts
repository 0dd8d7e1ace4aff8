import { describe, expect, it } from "vitest";
import { createBench, poolOf, type Bench } from "../../support/balancer-bench.ts";

const weights = (bench: Bench) =>
  bench.balancer.pools()[0]?.upstreams.map(({ effectiveWeight }) => effectiveWeight);

function start(settings: Record<string, unknown> = {}, each: Record<string, unknown> = {}) {
  const bench = createBench({ web: poolOf(2, { slowStartMs: 10_000, ...settings }, each) });
  bench.transport.onSend = (attempt) => attempt.answer(200);
  return bench;
}

/** The share of `count` requests that go to u2 right now. */
function shareOfSecond(bench: Bench, count = 1000): number {
  const before = bench.transport.attempts.length;
  for (let i = 0; i < count; i++) bench.request();
  return bench.transport.attempts.slice(before).filter(({ port }) => port === 2).length / count;
}

describe("slow start", () => {
  it("is not for those that a pool begins with", () => {
    expect(weights(start())).toEqual([1, 1]);
  });

  it("raises the weight of one that comes back from a twentieth to all of it, linearly", () => {
    const bench = start({}, { weight: 10 });
    bench.balancer.setState("u2", "maintenance");
    expect(weights(bench)).toEqual([10, 0]);
    bench.balancer.setState("u2", "ready");
    expect(weights(bench)).toEqual([10, 0.5]);
    bench.clock.advance(2500);
    expect(weights(bench)).toEqual([10, 2.5]);
    expect(shareOfSecond(bench)).toBeCloseTo(2.5 / 12.5, 2);
    bench.clock.advance(5000);
    expect(weights(bench)).toEqual([10, 7.5]);
    expect(bench.balancer.pools()[0]?.upstreams[1]?.weight).toBe(10);
    bench.clock.advance(2500);
    expect(weights(bench)).toEqual([10, 10]);
    expect(bench.clock.pending).toBe(0);
    expect(shareOfSecond(bench)).toBeCloseTo(0.5, 2);
  });

  it.each([["round-robin"], ["random"], ["random-two"], ["peak-ewma"]])("is felt under %s", (type) => {
    const bench = start({ policy: { type } });
    bench.balancer.setState("u2", "drain");
    bench.balancer.setState("u2", "ready");
    expect(shareOfSecond(bench)).toBeLessThan(0.12);
    bench.clock.advance(10_000);
    expect(shareOfSecond(bench)).toBeCloseTo(0.5, 1);
  });

  it("does not move keys about: pinning policies have none", () => {
    for (const type of ["ring-hash", "maglev"]) {
      const bench = start({ policy: { type, key: "peer" } });
      bench.balancer.setState("u2", "drain");
      bench.balancer.setState("u2", "ready");
      expect(weights(bench)).toEqual([1, 1]);
    }
  });

  it("is for one that joins a running pool, and begins anew for one that was away in the middle of it", () => {
    const bench = start();
    bench.apply({ web: poolOf(3, { slowStartMs: 10_000 }) });
    expect(weights(bench)).toEqual([1, 1, 0.05]);
    bench.clock.advance(5000);
    bench.balancer.setState("u3", "drain");
    expect(weights(bench)).toEqual([1, 1, 0]);
    expect(bench.clock.pending).toBe(0);
    bench.clock.advance(2000);
    bench.balancer.setState("u3", "ready");
    expect(weights(bench)).toEqual([1, 1, 0.05]);
  });

  it("takes a new weight and a new length as they come, and ends with its setting", () => {
    const bench = start();
    bench.balancer.setState("u2", "drain");
    bench.balancer.setState("u2", "ready");
    bench.clock.advance(5000);
    bench.balancer.setWeight("u2", 4);
    expect(weights(bench)).toEqual([1, 2]);
    bench.apply({ web: poolOf(2, { slowStartMs: 20_000 }) });
    expect(weights(bench)).toEqual([1, 0.25]);
    bench.apply({ web: poolOf(2) });
    expect(weights(bench)).toEqual([1, 1]);
    expect(bench.clock.pending).toBe(0);
  });

  it("serves at once those that waited for the one that comes back", () => {
    const bench = createBench({ web: poolOf(1, { slowStartMs: 10_000 }, { maxConnections: 1 }) });
    bench.request();
    const waiting = bench.request();
    bench.apply({ web: poolOf(2, { slowStartMs: 10_000 }, { maxConnections: 1 }) });
    expect(bench.transport.last).toMatchObject({ port: 2, exchange: waiting });
  });

  it("leaves no timer behind when its upstream or the pool goes", () => {
    const bench = start();
    bench.apply({ web: poolOf(3, { slowStartMs: 10_000 }) });
    expect(bench.clock.pending).toBe(1);
    bench.apply({ web: poolOf(2, { slowStartMs: 10_000 }) });
    expect(bench.clock.pending).toBe(0);
    bench.apply({ web: poolOf(4, { slowStartMs: 10_000 }) });
    bench.apply({ api: poolOf(1) });
    expect(bench.clock.pending).toBe(0);
    bench.apply({ api: poolOf(1, { slowStartMs: 10_000 }) });
    bench.apply({ api: poolOf(2, { slowStartMs: 10_000 }) });
    bench.balancer.close();
    expect(bench.clock.pending).toBe(0);
  });
});
