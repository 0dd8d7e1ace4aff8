import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createBench, poolOf } from "../../support/balancer-bench.ts";
import type { FakeExchange } from "../../support/fake-exchange.ts";
import { POLICY_SAMPLES } from "../../support/policy-samples.ts";

/** A small table: it is made anew in each of many pools. */
const policies = POLICY_SAMPLES.map((policy) =>
  policy.type === "maglev" ? { ...policy, tableSize: 101 } : policy,
);

const settings = fc.record({
  policy: fc.constantFrom(...policies),
  sticky: fc.constantFrom(undefined, { cookie: "lb" }),
  allDown: fc.constantFrom("refuse", "all"),
  queue: fc.record({ limit: fc.nat(4), timeoutMs: fc.constantFrom(50, 500) }),
  retry: fc.record({
    attempts: fc.nat(3),
    on: fc.subarray(["connect-failure", "reset", "timeout", "5xx"]),
    redispatch: fc.boolean(),
    backoffMs: fc.constantFrom(0, 20),
  }),
  outlier: fc.constantFrom(
    undefined,
    { consecutive5xx: 1, ejectionSeconds: 1, maxEjectedPercent: 100 },
    { consecutive5xx: 2 },
  ),
  slowStartMs: fc.constantFrom(0, 300),
  health: fc.constantFrom(undefined, { path: "/", intervalMs: 100, timeoutMs: 50, fall: 1, rise: 1 }),
  timeouts: fc.constantFrom(
    { connectMs: 60, responseMs: 90 },
    { connectMs: 60, responseMs: 90, bodyIdleMs: 30, totalMs: 200 },
  ),
  count: fc.integer({ min: 1, max: 4 }),
  maxConnections: fc.integer({ min: 1, max: 3 }),
});
type Settings = typeof settings extends fc.Arbitrary<infer S> ? S : never;

const poolFrom = ({ count, maxConnections, sticky, health, outlier, ...rest }: Settings) =>
  poolOf(
    count,
    { ...rest, ...(sticky && { sticky }), ...(health && { health }), ...(outlier && { outlier }) },
    { maxConnections },
  );

const step = fc.oneof(
  fc.record({ do: fc.constant("request" as const), who: fc.nat(4), how: fc.nat(5) }),
  fc.record({ do: fc.constant("request" as const), who: fc.nat(4), how: fc.nat(5) }),
  fc.record({
    do: fc.constantFrom("connect", "head", "write", "end", "fail", "leave", "advance", "check"),
    which: fc.nat(9),
    how: fc.nat(9),
  }),
  fc.record({ do: fc.constantFrom("state" as const, "weight" as const), who: fc.nat(4), how: fc.nat(2) }),
  fc.record({ do: fc.constant("apply" as const), settings, remove: fc.boolean() }),
);

describe("whatever happens in whatever order", () => {
  it("every request has exactly one outcome and one record, and nothing stays in flight", () => {
    fc.assert(
      fc.property(settings, fc.array(step, { maxLength: 120, size: "max" }), (first, steps) => {
        const bench = createBench(
          { web: poolFrom(first), api: poolFrom(first) },
          { timeouts: { idleMs: 120 } },
        );
        const { transport, clock, balancer } = bench;
        const exchanges: FakeExchange[] = [];
        for (const event of steps) {
          const open = transport.open;
          switch (event.do) {
            case "request": {
              const { who, how } = event;
              const headers = ["User", `user-${who}`, ...(how < 2 ? ["Cookie", `lb=u${who}`] : [])];
              const method = how === 3 ? "POST" : "GET";
              const target = how === 4 ? "/api" : "/";
              exchanges.push(bench.request({ headers, method, target, hasBody: how === 3 }));
              break;
            }
            case "state":
              balancer.setState(
                `u${event.who}`,
                (["ready", "drain", "maintenance"] as const)[event.how] ?? "ready",
              );
              break;
            case "weight":
              balancer.setWeight(`u${event.who}`, [0, 1, 256][event.how] ?? 1);
              break;
            case "apply": {
              const web = poolFrom(event.settings);
              bench.apply(event.remove ? { web } : { web, api: web });
              break;
            }
            case "advance":
              clock.advance([0, 1, 10, 49, 50, 51, 60, 90, 120, 600][event.how] ?? 0);
              break;
            case "check":
              transport.checks.at(-1 - event.which)?.done(event.how < 5 ? 200 : undefined);
              break;
            case "leave": {
              const alive = exchanges.filter(({ outcome }) => outcome === undefined);
              alive[event.which % alive.length]?.clientLeaves();
              break;
            }
            case "connect":
            case "head":
            case "write":
            case "end":
            case "fail": {
              const attempt = open[event.which % open.length];
              if (!attempt) break;
              const { started } = attempt.exchange;
              if (event.do === "connect") {
                if (!started) attempt.connect(event.how < 4);
              } else if (event.do === "head") {
                if (!started) attempt.head(event.how < 6 ? 200 : 503);
              } else if (event.do === "write") {
                if (started) attempt.write("x");
              } else if (event.do === "end") {
                if (started) attempt.end();
              } else
                attempt.fail(
                  (["refused", "unreachable", "reset", "invalid"] as const)[event.how % 4] ?? "reset",
                  {
                    headReceived: started,
                  },
                );
            }
          }
          const counted = transport.open.length;
          const inFlight = exchanges.filter(({ outcome }) => outcome === undefined).length;
          expect(balancer.inFlight).toBe(inFlight);
          expect(counted).toBeLessThanOrEqual(inFlight);
          for (const pool of balancer.pools()) {
            expect(pool.queueLength).toBeLessThanOrEqual(inFlight);
            for (const { inFlight: load } of pool.upstreams) expect(load).toBeGreaterThanOrEqual(0);
          }
        }
        // Everything that is still open runs into its timers.
        clock.advance(60_000);
        expect(exchanges.filter(({ outcome }) => outcome === undefined)).toEqual([]);
        expect(bench.watched.records).toHaveLength(exchanges.length);
        expect(balancer.inFlight).toBe(0);
        expect(Object.values(bench.inFlight()).filter((count) => count !== 0)).toEqual([]);
        expect(balancer.pools().filter(({ queueLength }) => queueLength !== 0)).toEqual([]);
        expect(transport.open).toEqual([]);
        balancer.close();
        expect(clock.pending).toBe(0);
        const tried = bench.watched.records.reduce((sum, { attempts }) => sum + attempts.length, 0);
        expect(tried).toBe(transport.attempts.length);
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});
