import { describe, expect, it } from "vitest";
import type { Arm, RequestRecord } from "../../../lb/balancer.ts";
import { configOf, createBench, poolOf, type Bench } from "../../support/balancer-bench.ts";

/** Requests with the field `X-Arm: canary` are the canary's. */
function serveBeside(bench: Bench, pools: Record<string, unknown>, version = 2) {
  const ended: [Arm, RequestRecord][] = [];
  bench.balancer.startCanary(configOf(pools), version, {
    armOf: (exchange) => (exchange.header("x-arm") === "canary" ? "canary" : "rest"),
    ended: (record, arm) => void ended.push([arm, record]),
  });
  return ended;
}

const CANARY = { headers: ["X-Arm", "canary"] };
const ports = ({ transport }: Bench) => transport.attempts.map(({ port }) => port);
const upstreams = (bench: Bench) => bench.balancer.pools()[0]?.upstreams ?? [];
const seconds = (bench: Bench) => bench.balancer.canary?.pools()[0]?.upstreams ?? [];
const open = (bench: Bench) => bench.transport.open.forEach((attempt) => attempt.answer(200));
const WEIGHTED = poolOf(2, {
  upstreams: [
    { name: "u1", address: "127.0.0.1:1", weight: 0 },
    { name: "u2", address: "127.0.0.1:2" },
  ],
});

describe("two versions that serve side by side", () => {
  it("each carry their users' requests by their own weights and say so in the record", () => {
    const bench = createBench({ web: poolOf(2) });
    const ended = serveBeside(bench, { web: WEIGHTED });
    for (let i = 0; i < 4; i++) bench.request();
    for (let i = 0; i < 4; i++) bench.request(CANARY);
    expect(ports(bench)).toEqual([1, 2, 1, 2, 2, 2, 2, 2]);
    open(bench);
    expect(ended.map(([arm, { configVersion }]) => `${arm} ${configVersion}`)).toEqual([
      ...Array.from({ length: 4 }, () => "rest 1"),
      ...Array.from({ length: 4 }, () => "canary 2"),
    ]);
    expect(bench.lastRecord()).toMatchObject({ configVersion: 2, arm: "canary" });
  });

  it("route by their own routes", () => {
    const bench = createBench({ web: poolOf(1) });
    serveBeside(bench, { web: poolOf(1), api: poolOf(1, {}, { address: "127.0.0.1:9" }) });
    bench.request({ target: "/api" });
    bench.request({ target: "/api", ...CANARY });
    expect(ports(bench)).toEqual([1, 9]);
  });

  it("count what an upstream has in flight together, and hold it to its limit together", () => {
    const bench = createBench({ web: poolOf(1, {}, { maxConnections: 2 }) });
    serveBeside(bench, { web: poolOf(1, {}, { maxConnections: 2 }) });
    bench.request();
    bench.request(CANARY);
    expect(upstreams(bench)[0]).toMatchObject({ inFlight: 2, requests: 2 });
    expect(seconds(bench)[0]).toMatchObject({ inFlight: 2, requests: 2 });
    bench.clock.advance(1);
    const third = bench.request(CANARY);
    bench.clock.advance(1);
    const fourth = bench.request();
    expect(bench.transport.open).toHaveLength(2);
    // The longest waiting first, whichever version it waits in.
    bench.transport.attempts[1]?.answer(200);
    expect(bench.transport.last.exchange).toBe(third);
    bench.transport.last.answer(200);
    expect(bench.transport.last.exchange).toBe(fourth);
    open(bench);
    expect(bench.inFlight()).toEqual({ u1: 0 });
  });

  it("share one health check and what it finds", () => {
    const health = { path: "/healthz", intervalMs: 1000, fall: 1, rise: 1 };
    const bench = createBench({ web: poolOf(1, { health }) });
    serveBeside(bench, { web: poolOf(1, { health, queue: { limit: 5 } }) });
    bench.clock.advance(300);
    expect(bench.transport.checks).toHaveLength(1);
    bench.transport.checks[0]?.done(500);
    expect(bench.request().status).toBe(503);
    expect(bench.request(CANARY).status).toBe(503);
    expect(bench.watched.events.filter((event) => event.endsWith("DOWN"))).toEqual(["state web/u1 DOWN"]);
  });

  it("check apart when they check in another way", () => {
    const health = { path: "/healthz", intervalMs: 1000, fall: 1, rise: 1 };
    const bench = createBench({ web: poolOf(1, { health }) });
    serveBeside(bench, { web: poolOf(1, { health: { ...health, path: "/nowhere" } }) });
    bench.clock.advance(300);
    for (const check of bench.transport.checks) check.done(check.path === "/nowhere" ? 404 : 200);
    expect(bench.request(CANARY).status).toBe(503);
    bench.request();
    expect(bench.transport.open).toHaveLength(1);
  });

  it("eject together, by the failures that either meets", () => {
    const outlier = { consecutive5xx: 2, ejectionSeconds: 5, maxEjectedPercent: 50 };
    const retry = { attempts: 0 };
    const bench = createBench({ web: poolOf(2, { outlier, retry }) });
    serveBeside(bench, { web: poolOf(2, { outlier, retry }) });
    bench.transport.onSend = (attempt) => attempt.answer(attempt.port === 1 ? 500 : 200);
    for (let i = 0; i < 2; i++) bench.request();
    for (let i = 0; i < 2; i++) bench.request(CANARY);
    expect(upstreams(bench)[0]?.state).toBe("EJECTED");
    expect(seconds(bench)[0]?.state).toBe("EJECTED");
    expect(bench.watched.events.filter((event) => event.startsWith("ejected"))).toHaveLength(1);
    bench.clock.advance(5000);
    expect(seconds(bench)[0]?.state).toBe("UP");
  });
});

describe("a canary that is promoted", () => {
  it("is in force for all, and what was in flight ends under its own version", () => {
    const bench = createBench({ web: poolOf(1, {}, { maxConnections: 1 }) });
    serveBeside(bench, { web: poolOf(2, {}, { maxConnections: 1 }) });
    const first = bench.request(CANARY);
    const second = bench.request();
    bench.balancer.promoteCanary();
    expect(bench.balancer).toMatchObject({ version: 2, canary: undefined, inFlight: 2 });
    // What waits finds the new upstream, as with every new configuration.
    expect(bench.transport.last.exchange).toBe(second);
    const third = bench.request();
    bench.transport.attempts[0]?.answer(200);
    expect(bench.transport.last.exchange).toBe(third);
    expect(ports(bench)).toEqual([1, 2, 1]);
    open(bench);
    for (const exchange of [first, second, third]) expect(exchange.outcome).toBe("relayed");
    expect(bench.inFlight()).toEqual({ u1: 0, u2: 0 });
  });

  it("counts what its pools have in flight until the last of it has ended", () => {
    const bench = createBench({ web: poolOf(1) });
    serveBeside(bench, { web: poolOf(2), api: poolOf(1, {}, { address: "127.0.0.1:9" }) });
    for (let i = 0; i < 2; i++) bench.request(CANARY);
    bench.request({ target: "/api", ...CANARY });
    bench.balancer.promoteCanary();
    expect(bench.balancer.pools().map(({ upstreams }) => upstreams.map(({ inFlight }) => inFlight))).toEqual([
      [1, 1],
      [1],
    ]);
    open(bench);
    expect(bench.balancer.pools().map(({ upstreams }) => upstreams.map(({ inFlight }) => inFlight))).toEqual([
      [0, 0],
      [0],
    ]);
  });

  it("goes on with the health that it has found, and one check an interval", () => {
    const health = { path: "/healthz", intervalMs: 1000, timeoutMs: 500, fall: 1, rise: 1 };
    const bench = createBench({ web: poolOf(1) });
    serveBeside(bench, { web: poolOf(1, { health }) });
    bench.clock.advance(300);
    bench.transport.checks[0]?.done(500);
    bench.balancer.promoteCanary();
    expect(upstreams(bench)[0]?.state).toBe("DOWN");
    const before = bench.transport.checks.length;
    for (let i = 0; i < 100; i++) {
      bench.clock.advance(100);
      for (const check of bench.transport.checks) check.done(200);
    }
    expect(bench.transport.checks.length - before).toBeLessThanOrEqual(11);
    expect(upstreams(bench)[0]?.state).toBe("UP");
  });
});

describe("a canary that is aborted", () => {
  it("gets no further request, and loses none that it has", () => {
    const bench = createBench({ web: poolOf(2) });
    serveBeside(bench, { web: WEIGHTED });
    const before = bench.request(CANARY);
    bench.balancer.abortCanary();
    bench.request(CANARY);
    expect(ports(bench)).toEqual([2, 1]);
    open(bench);
    expect(before.outcome).toBe("relayed");
    expect(bench.lastRecord().configVersion).toBeUndefined();
    expect(bench.inFlight()).toEqual({ u1: 0, u2: 0 });
  });

  it("has its own addresses forgotten, its checks ended, and its limits as before", () => {
    const health = { path: "/healthz", intervalMs: 1000, timeoutMs: 500 };
    const bench = createBench({ web: poolOf(1, {}, { maxConnections: 1 }) });
    serveBeside(bench, { web: poolOf(2, { health }, { maxConnections: 9 }) });
    bench.request(CANARY);
    bench.balancer.abortCanary();
    expect(bench.transport.forgotten).toEqual([2]);
    const waits = bench.request();
    bench.transport.attempts[0]?.answer(200);
    expect(bench.transport.last.exchange).toBe(waits);
    const made = bench.transport.checks.length;
    bench.clock.advance(10_000);
    expect(bench.transport.checks).toHaveLength(made);
  });

  it("is as if it had never been: twenty of them leave nothing behind", () => {
    const bench = createBench({ web: poolOf(2) });
    for (let round = 0; round < 20; round++) {
      serveBeside(bench, { web: WEIGHTED }, round + 2);
      bench.request(CANARY);
      bench.request();
      if (round % 2 === 0) open(bench);
      bench.balancer.abortCanary();
    }
    open(bench);
    expect(bench.inFlight()).toEqual({ u1: 0, u2: 0 });
    expect(bench.balancer.inFlight).toBe(0);
    expect(upstreams(bench).map(({ requests }) => requests)).toEqual([10, 30]);
  });
});
