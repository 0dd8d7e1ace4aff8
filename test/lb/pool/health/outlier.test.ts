import { describe, expect, it } from "vitest";
import { createBench, poolOf, type Bench } from "../../../support/balancer-bench.ts";

const outlier = { consecutive5xx: 3, ejectionSeconds: 30, maxEjectedPercent: 50 };
const noRetry = { attempts: 0 };
const states = (bench: Bench) => bench.balancer.pools()[0]?.upstreams.map(({ state }) => state);
const countOf = (bench: Bench, what: string) =>
  bench.watched.events.filter((line) => line.startsWith(what)).length;

function start(count: number, settings: Record<string, unknown> = {}) {
  return createBench({
    web: poolOf(count, { outlier, retry: noRetry, sticky: { cookie: "lb" }, ...settings }),
  });
}

/** One request to an upstream, and what becomes of it. */
function send(bench: Bench, upstream: number, how: (bench: Bench) => void = fails.with5xx) {
  bench.request({ headers: ["Cookie", `lb=u${upstream}`] });
  expect(bench.transport.last.port).toBe(upstream);
  how(bench);
}

const succeeds = ({ transport }: Bench) => transport.last.answer(200);
const fails = {
  with5xx: ({ transport }: Bench) => transport.last.answer(500),
  byRefusal: ({ transport }: Bench) => transport.last.fail("refused"),
  byConnectTimeout: ({ clock }: Bench) => clock.advance(2000),
  byReset({ transport }: Bench) {
    transport.last.connect();
    transport.last.fail("reset");
  },
  byTimeout({ clock, transport }: Bench) {
    transport.last.connect();
    clock.advance(10_000);
  },
  byInvalidAnswer({ transport }: Bench) {
    transport.last.connect();
    transport.last.fail("invalid");
  },
  midBody({ transport }: Bench) {
    transport.last.head(200);
    transport.last.fail("reset");
  },
};

describe("outlier detection", () => {
  it.each(Object.entries(fails))("ejects after so many failures in a row: %s", (_how, how) => {
    const bench = start(2);
    for (let i = 0; i < 2; i++) send(bench, 1, how);
    expect(states(bench)).toEqual(["UP", "UP"]);
    send(bench, 1, how);
    expect(states(bench)).toEqual(["EJECTED", "UP"]);
    expect(countOf(bench, "ejected web/u1")).toBe(1);
    for (let i = 0; i < 4; i++) {
      bench.request();
      expect(bench.transport.last.port).toBe(2);
      bench.transport.last.answer(200);
    }
  });

  it("counts failures in a row only, whatever their kind, and none of clients that leave", () => {
    const bench = start(2);
    send(bench, 1);
    send(bench, 1, fails.byRefusal);
    send(bench, 1, succeeds);
    send(bench, 1, fails.byTimeout);
    send(bench, 1, ({ transport }) => transport.last.exchange.clientLeaves());
    send(bench, 1);
    expect(states(bench)).toEqual(["UP", "UP"]);
    send(bench, 1, fails.byReset);
    expect(states(bench)).toEqual(["EJECTED", "UP"]);
  });

  it("takes answers below 500 for good ones", () => {
    const bench = start(2);
    for (let i = 0; i < 10; i++) send(bench, 1, ({ transport }) => transport.last.answer(499));
    expect(states(bench)).toEqual(["UP", "UP"]);
  });

  it("counts attempts, also those that a retry makes good", () => {
    const bench = start(2, { retry: { attempts: 1, on: ["5xx"], redispatch: true, budgetPercent: 100 } });
    for (let i = 0; i < 3; i++)
      send(bench, 1, ({ transport }) => {
        transport.last.head(503);
        transport.last.answer(200);
      });
    expect(states(bench)).toEqual(["EJECTED", "UP"]);
    expect(bench.watched.records.map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  it("readmits after its time, and ejects for longer each time again, up to five minutes", () => {
    const bench = start(2);
    for (const seconds of [30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 300]) {
      for (let i = 0; i < 3; i++) send(bench, 1);
      expect(states(bench)).toEqual(["EJECTED", "UP"]);
      bench.clock.advance(seconds * 1000 - 1);
      expect(states(bench)).toEqual(["EJECTED", "UP"]);
      bench.clock.advance(1);
      expect(states(bench)).toEqual(["UP", "UP"]);
    }
    expect(countOf(bench, "ejected web/u1")).toBe(11);
  });

  it("forgets one ejection for every ten seconds without", () => {
    const bench = start(2);
    const ejectedFor = () => {
      for (let i = 0; i < 3; i++) send(bench, 1);
      let seconds = 0;
      for (; states(bench)?.[0] === "EJECTED"; seconds++) bench.clock.advance(1000);
      return seconds;
    };
    expect([ejectedFor(), ejectedFor(), ejectedFor()]).toEqual([30, 60, 90]);
    bench.clock.advance(20_000);
    expect(ejectedFor()).toBe(60);
    bench.clock.advance(60_000);
    expect(ejectedFor()).toBe(30);
  });

  it.each([
    { upstreams: 10, percent: 10, ejected: 1 },
    { upstreams: 10, percent: 35, ejected: 3 },
    { upstreams: 3, percent: 1, ejected: 1 },
    { upstreams: 1, percent: 10, ejected: 1 },
    { upstreams: 4, percent: 100, ejected: 4 },
  ])("ejects at most $ejected of $upstreams at $percent %", ({ upstreams, percent, ejected }) => {
    const bench = start(upstreams, { outlier: { ...outlier, maxEjectedPercent: percent } });
    for (let who = 1; who <= upstreams; who++) for (let i = 0; i < 3; i++) send(bench, who);
    expect(states(bench)?.filter((state) => state === "EJECTED")).toHaveLength(ejected);
  });

  it("ejects one that was spared at its next failure, once there is room", () => {
    const bench = start(2);
    for (let i = 0; i < 3; i++) send(bench, 1);
    for (let i = 0; i < 5; i++) send(bench, 2);
    expect(states(bench)).toEqual(["EJECTED", "UP"]);
    bench.clock.advance(30_000);
    send(bench, 2);
    expect(states(bench)).toEqual(["UP", "EJECTED"]);
  });

  it("judges one ejection by what was sent before it only once", () => {
    const bench = start(2);
    for (let i = 0; i < 9; i++) bench.request({ headers: ["Cookie", "lb=u1"] });
    for (const attempt of bench.transport.open) attempt.answer(500);
    expect(countOf(bench, "ejected")).toBe(1);
    bench.clock.advance(30_000);
    for (let i = 0; i < 2; i++) send(bench, 1);
    expect(states(bench)).toEqual(["UP", "UP"]);
  });

  it("refuses with UH when all are ejected, or sends to all if it is set so", () => {
    const alone = start(1);
    for (let i = 0; i < 3; i++) send(alone, 1);
    expect(alone.request().status).toBe(503);
    expect(alone.lastRecord()).toMatchObject({ flag: "UH" });
    expect(alone.balancer.pools()[0]?.panic).toBe(false);

    const open = start(1, { allDown: "all" });
    for (let i = 0; i < 3; i++) send(open, 1);
    expect(states(open)).toEqual(["EJECTED"]);
    expect(open.balancer.pools()[0]?.panic).toBe(true);
    send(open, 1, succeeds);
    open.clock.advance(30_000);
    expect(open.balancer.pools()[0]).toMatchObject({ panic: false, upstreams: [{ state: "UP" }] });
  });

  it("stands behind what people set and what checks find", () => {
    const health = { path: "/healthz", intervalMs: 1000, timeoutMs: 500, fall: 1, rise: 1 };
    const bench = start(2, { health });
    for (let i = 0; i < 3; i++) send(bench, 1);
    bench.clock.advance(300);
    bench.transport.checks.find(({ port }) => port === 1)?.done(500);
    expect(states(bench)).toEqual(["DOWN", "UP"]);
    bench.balancer.setState("u1", "maintenance");
    expect(states(bench)).toEqual(["MAINT", "UP"]);
    bench.balancer.setState("u1", "drain");
    expect(states(bench)).toEqual(["DRAIN", "UP"]);
    bench.balancer.setState("u1", "ready");
    bench.clock.advance(250);
    bench.transport.checks.findLast(({ port }) => port === 1)?.done(200);
    // Passing checks do not cut an ejection short: they passed all the while.
    expect(states(bench)?.[0]).toBe("EJECTED");
  });

  it("moves those that wait for the one ejected", () => {
    const bench = createBench({
      web: poolOf(2, { outlier, retry: noRetry, sticky: { cookie: "lb" } }, { maxConnections: 1 }),
    });
    for (let i = 0; i < 2; i++) send(bench, 1);
    bench.request({ headers: ["Cookie", "lb=u1"] });
    const waiting = bench.request({ headers: ["Cookie", "lb=u1"] });
    bench.transport.last.answer(500);
    expect(bench.transport.last).toMatchObject({ port: 2, exchange: waiting });
  });

  it("lets one back in slowly if the pool has a slow start", () => {
    const bench = start(2, { slowStartMs: 10_000 });
    for (let i = 0; i < 3; i++) send(bench, 1);
    bench.clock.advance(30_000);
    expect(bench.balancer.pools()[0]?.upstreams[0]).toMatchObject({ state: "UP", effectiveWeight: 0.05 });
  });

  it("keeps ejections over a configuration that keeps it, ends them with it, and leaves no timer behind", () => {
    const bench = start(3);
    for (let i = 0; i < 3; i++) send(bench, 1);
    bench.apply({
      web: poolOf(3, { outlier: { ...outlier, ejectionSeconds: 5 }, sticky: { cookie: "lb" } }),
    });
    expect(states(bench)).toEqual(["EJECTED", "UP", "UP"]);
    bench.apply({ web: poolOf(3, { retry: noRetry, sticky: { cookie: "lb" } }) });
    expect(states(bench)).toEqual(["UP", "UP", "UP"]);
    expect(bench.clock.pending).toBe(0);
    for (let i = 0; i < 9; i++) send(bench, 1);
    expect(states(bench)).toEqual(["UP", "UP", "UP"]);

    const closing = start(3);
    for (let i = 0; i < 3; i++) send(closing, 3);
    closing.apply({ web: poolOf(2, { outlier, retry: noRetry }) });
    expect(closing.clock.pending).toBe(0);
    for (let i = 0; i < 3; i++) {
      closing.request();
      closing.transport.last.fail("refused");
    }
    closing.balancer.close();
    expect(closing.clock.pending).toBe(0);
  });
});
