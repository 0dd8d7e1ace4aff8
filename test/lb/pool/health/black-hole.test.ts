import { describe, expect, it } from "vitest";
import { createBench, poolOf } from "../../../support/balancer-bench.ts";

const outlier = { consecutive5xx: 5, ejectionSeconds: 30, maxEjectedPercent: 10 };

/**
 * Thirty seconds of 200 requests a second over five upstreams that answer after 50 ms, but for the last, which fails after
 * 1 ms. The share of requests that it swallows.
 */
function swallowed(policy: Record<string, unknown>, settings: Record<string, unknown> = {}): number {
  const bench = createBench({ web: poolOf(5, { policy, retry: { attempts: 0 }, ...settings }) });
  bench.transport.onSend = (attempt) => {
    attempt.connect();
    const isBroken = attempt.port === 5;
    bench.clock.after(isBroken ? 1 : 50, () => attempt.answer(isBroken ? 500 : 200));
  };
  for (let i = 0; i < 6000; i++) {
    bench.request({ headers: ["Cookie", `user=${i}`] });
    bench.clock.advance(5);
  }
  return bench.watched.records.filter(({ status }) => status === 500).length / 6000;
}

describe("an upstream that fails at once", () => {
  it.each([{ type: "least-connections" }, { type: "peak-ewma" }, { type: "random-two" }])(
    "draws more than its fifth under $type, since it always looks free",
    (policy) => {
      expect(swallowed(policy)).toBeGreaterThan(0.3);
    },
  );

  it("draws most of all under least-connections", () => {
    expect(swallowed({ type: "least-connections" })).toBeGreaterThan(0.5);
  });

  it.each([
    { type: "round-robin" },
    { type: "random" },
    { type: "ring-hash", key: "cookie:user" },
    { type: "maglev", key: "cookie:user" },
  ])("gets its fifth and no more under $type, which is blind to load", (policy) => {
    expect(swallowed(policy)).toBeGreaterThan(0.15);
    expect(swallowed(policy)).toBeLessThan(0.26);
  });

  it.each([
    { type: "least-connections" },
    { type: "peak-ewma" },
    { type: "random-two" },
    { type: "round-robin" },
    { type: "random" },
    { type: "ring-hash", key: "cookie:user" },
    { type: "maglev", key: "cookie:user" },
  ])("swallows next to nothing under $type once outlier detection ejects it", (policy) => {
    expect(swallowed(policy, { outlier })).toBeLessThan(0.01);
  });
});
