import { describe, expect, it } from "vitest";
import { createTrafficMeter, MOST_COUNTS, MOST_SAMPLES } from "../../../lab/events/traffic-meter.ts";
import type { TrafficCount, TrafficView } from "../../../lab/events/traffic-view.ts";
import { FAILURES } from "../../../lb/outcome.ts";
import { seeded } from "../../../runtime/random.ts";
import { balanced } from "../../support/access-record.ts";
import { probed } from "../../support/probe-record.ts";

const meter = () => createTrafficMeter(seeded(1));
const sum = (counts: readonly { readonly count: number }[]) =>
  counts.reduce((all, { count }) => all + count, 0);
const of = (from: TrafficCount["edge"]["from"]) => (view: TrafficView) =>
  view.counts.filter(({ edge }) => edge.from === from);
const users = of("users");
const routes = of("listener");
const attempts = of("pool");

describe("what the traffic of a quarter of a second is counted by", () => {
  it("is, for the users, the route and the result", () => {
    const { probed: add, take } = meter();
    add([probed({}), probed({}), probed({ result: "status", status: 503, flag: "UO", backend: undefined })]);
    add([probed({ route: "api" }), probed({ result: "refused", status: undefined, backend: undefined })]);
    expect(take(0, 250).counts).toEqual([
      { edge: { from: "users", to: "listener", route: "page" }, outcome: "200", failed: false, count: 2 },
      { edge: { from: "users", to: "listener", route: "page" }, outcome: "503 UO", failed: true, count: 1 },
      { edge: { from: "users", to: "api", route: "api" }, outcome: "200", failed: false, count: 1 },
      { edge: { from: "users", to: "listener", route: "page" }, outcome: "refused", failed: true, count: 1 },
    ]);
  });

  it("is, behind the listener, the route and each attempt at an upstream", () => {
    const { balanced: add, take } = meter();
    add([
      balanced({
        attempts: [
          { upstream: "web-2", result: "refused" },
          { upstream: "web-1", result: "ok" },
        ],
      }),
      balanced({ ...FAILURES.queueFull, origin: "balancer", attempts: [] }),
      balanced({ ...FAILURES.noRoute, origin: "balancer", route: "-", pool: "-", attempts: [] }),
    ]);
    const view = take(0, 250);
    expect(routes(view)).toEqual([
      {
        edge: { from: "listener", listener: "public", route: "public/0", pool: "web" },
        outcome: "200",
        failed: false,
        count: 1,
      },
      {
        edge: { from: "listener", listener: "public", route: "public/0", pool: "web" },
        outcome: "503 UO",
        failed: true,
        count: 1,
      },
      {
        edge: { from: "listener", listener: "public", route: "-", pool: "-" },
        outcome: "404 NR",
        failed: true,
        count: 1,
      },
    ]);
    expect(attempts(view)).toEqual([
      { edge: { from: "pool", pool: "web", upstream: "web-2" }, outcome: "refused", failed: true, count: 1 },
      { edge: { from: "pool", pool: "web", upstream: "web-1" }, outcome: "ok", failed: false, count: 1 },
    ]);
  });

  it("begins anew each time, and says when lines were missed", () => {
    const { balanced: add, missed, take } = meter();
    add([balanced()]);
    missed();
    expect(take(0, 250)).toMatchObject({ from: 0, to: 250, missed: true });
    expect(take(250, 500)).toEqual({ from: 250, to: 500, counts: [], samples: [], missed: false });
  });

  it("stays bounded where foreign names are written into the log, and still adds up", () => {
    const { balanced: add, take } = meter();
    add(
      Array.from({ length: 3000 }, (_, i) =>
        balanced({
          route: `made-up/${i}`,
          pool: "x".repeat(5000),
          target: "/".repeat(5000),
          attempts: Array.from({ length: 90 }, () => ({ upstream: `u${i}`, result: "ok" as const })),
        }),
      ),
    );
    const view = take(0, 250);
    expect(view.counts.length).toBeLessThanOrEqual(MOST_COUNTS + 2);
    expect(sum(view.counts)).toBe(3000 + 3000 * 10);
    expect(view.samples).toHaveLength(MOST_SAMPLES);
    expect(JSON.stringify(view).length).toBeLessThan(400_000);
  });
});

describe("the sampled requests", () => {
  it("are fifty at most, have every outcome that occurred, and represent all requests", () => {
    const { probed: add, balanced: addBalanced, take } = meter();
    add(Array.from({ length: 400 }, () => probed({})));
    add([probed({ result: "timeout", status: undefined, backend: undefined })]);
    addBalanced(
      Array.from({ length: 900 }, (_, i) =>
        balanced({ attempts: [{ upstream: `web-${i % 5}`, result: "ok" }] }),
      ),
    );
    for (const failure of Object.values(FAILURES)) addBalanced([balanced({ ...failure, attempts: [] })]);
    const view = take(0, 250);
    expect(view.samples.length).toBeLessThanOrEqual(MOST_SAMPLES);
    for (const [seenBy, counts] of [
      ["users", users(view)],
      ["balancer", routes(view)],
    ] as const) {
      const outcomes = new Set(counts.map(({ outcome }) => outcome));
      for (const outcome of outcomes) {
        const samples = view.samples.filter((one) => one.seenBy === seenBy && one.outcome === outcome);
        expect(
          samples.reduce((all, { weight }) => all + weight, 0),
          `${seenBy} ${outcome}`,
        ).toBe(sum(counts.filter((one) => one.outcome === outcome)));
      }
    }
  });

  it("show a request's way, and of the prober's users not who they are", () => {
    const { probed: add, balanced: addBalanced, take } = meter();
    add([probed({ user: 4711, sentAt: 2, durationMs: 12.5, backend: "web-3" })]);
    addBalanced([balanced({ at: 1, requestId: "abc", target: "/basket", ...FAILURES.retriesUsedUp })]);
    const { samples } = take(0, 250);
    expect(samples).toEqual([
      {
        seenBy: "balancer",
        weight: 1,
        at: 1,
        outcome: "502 URX",
        failed: true,
        status: 502,
        flag: "URX",
        id: "abc",
        method: "GET",
        target: "/basket",
        listener: "public",
        route: "public/0",
        pool: "web",
        attempts: [{ upstream: "web-1", result: "ok" }],
        state: "SC",
        reason: "retries-used-up",
        origin: "upstream",
        queueMs: 0,
        connectMs: 0.5,
        responseMs: 20,
        totalMs: 21,
        bytesOut: 100,
      },
      {
        seenBy: "users",
        weight: 1,
        at: 2,
        outcome: "200",
        failed: false,
        status: 200,
        flag: undefined,
        route: "page",
        backend: "web-3",
        durationMs: 12.5,
      },
    ]);
    expect(JSON.stringify(samples)).not.toContain("4711");
  });
});
