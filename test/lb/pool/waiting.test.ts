import { describe, expect, it } from "vitest";
import { createBench, poolOf, type Bench } from "../../support/balancer-bench.ts";
import type { FakeRequest } from "../../support/fake-exchange.ts";

const ports = ({ transport }: Bench) => transport.attempts.map(({ port }) => port);
const full = { maxConnections: 1 };
const stuckTo = (upstream: string): FakeRequest => ({ headers: ["Cookie", `lb=${upstream}`] });

describe("a request that finds every upstream full", () => {
  it("waits for the first free one, the longest waiting first, and its wait is recorded", () => {
    const bench = createBench({ web: poolOf(2, {}, full) });
    bench.request();
    bench.request();
    const third = bench.request();
    bench.clock.advance(10);
    const fourth = bench.request();
    bench.clock.advance(10);
    bench.transport.attempts[1]?.answer(200);
    expect(bench.transport.last).toMatchObject({ port: 2, exchange: third });
    bench.transport.attempts[0]?.answer(200);
    expect(bench.transport.last).toMatchObject({ port: 1, exchange: fourth });
    bench.transport.attempts[2]?.answer(200);
    expect(bench.lastRecord()).toMatchObject({ queueMs: 20, status: 200 });
  });

  it("is refused at once with 503 UO when the queue is full", () => {
    const bench = createBench({ web: poolOf(1, { queue: { limit: 1 } }, full) });
    bench.request();
    bench.request();
    expect(bench.request().status).toBe(503);
    expect(bench.lastRecord()).toMatchObject({ flag: "UO", state: "sQ", totalMs: 0, queueMs: undefined });
    expect(bench.balancer.pools()[0]).toMatchObject({ queueLength: 1, queueLimit: 1 });
    bench.transport.last.answer(200);
    bench.transport.last.answer(200);
    const [upstream] = bench.balancer.pools()[0]?.upstreams ?? [];
    expect(bench.balancer.pools()[0]).toMatchObject({ queueLength: 0, queuePeak: 1 });
    expect(upstream).toMatchObject({ inFlight: 0, peakInFlight: 1 });
  });

  it("is refused at once when there is no queue", () => {
    const bench = createBench({ web: poolOf(1, { queue: { limit: 0 } }, full) });
    bench.request();
    expect(bench.request().status).toBe(503);
  });

  it("is refused with 503 UO when its time in the queue is up", () => {
    const bench = createBench({
      web: poolOf(1, { queue: { timeoutMs: 500 }, timeouts: { connectMs: 9000 } }, full),
    });
    bench.request();
    const waiting = bench.request();
    bench.clock.advance(499);
    expect(waiting.outcome).toBeUndefined();
    bench.clock.advance(1);
    expect(waiting.status).toBe(503);
    expect(bench.lastRecord()).toMatchObject({ flag: "UO", state: "sQ", queueMs: 500 });
    expect(bench.balancer.pools()[0]?.queueLength).toBe(0);
  });

  it("is served by a place of any kind: a new upstream, a higher limit, an upstream back from drain", () => {
    const pool = poolOf(2, {}, full);
    const [one, two] = pool.upstreams;
    for (const makeRoom of [
      (bench: Bench) => bench.apply({ web: poolOf(3, {}, full) }),
      (bench: Bench) => bench.apply({ web: { ...pool, upstreams: [one, { ...two, maxConnections: 2 }] } }),
    ]) {
      const bench = createBench({ web: pool });
      bench.request();
      bench.request();
      bench.request();
      expect(bench.transport.attempts).toHaveLength(2);
      makeRoom(bench);
      expect(bench.transport.attempts).toHaveLength(3);
    }
    const bench = createBench({ web: pool });
    bench.balancer.setState("u2", "drain");
    bench.request();
    bench.request();
    bench.balancer.setState("u2", "ready");
    expect(ports(bench)).toEqual([1, 2]);
  });

  it("is refused with 503 UH when the last candidate goes", () => {
    const bench = createBench({ web: poolOf(2, {}, full) });
    bench.request();
    bench.request();
    const waiting = bench.request();
    bench.balancer.setState("u1", "drain");
    expect(waiting.outcome).toBeUndefined();
    bench.balancer.setState("u2", "maintenance");
    expect(waiting.status).toBe(503);
    expect(bench.lastRecord()).toMatchObject({ flag: "UH" });
  });

  it("does not let a later one overtake", () => {
    const bench = createBench({ web: poolOf(1, {}, full) });
    bench.request();
    const second = bench.request();
    bench.request();
    bench.transport.last.answer(200);
    expect(bench.transport.last.exchange).toBe(second);
  });

  it("drains a long queue even if every try fails before it was begun", () => {
    const bench = createBench({ web: poolOf(1, { queue: { limit: 20_000 }, retry: { attempts: 0 } }, full) });
    bench.request();
    for (let i = 0; i < 20_000; i++) bench.request();
    bench.transport.onSend = (attempt) => attempt.fail("refused");
    bench.transport.attempts[0]?.answer(200);
    expect(bench.watched.records).toHaveLength(20_001);
    expect(bench.balancer.inFlight).toBe(0);
    expect(bench.clock.pending).toBe(0);
  });
});

describe("a request bound to one upstream", () => {
  it("waits for it although another is free, and lets others pass", () => {
    const bench = createBench({ web: poolOf(2, { sticky: { cookie: "lb" } }, full) });
    bench.request(stuckTo("u1"));
    const bound = bench.request(stuckTo("u1"));
    bench.request();
    expect(ports(bench)).toEqual([1, 2]);
    bench.transport.attempts[1]?.answer(200);
    expect(bench.transport.attempts).toHaveLength(2);
    bench.transport.attempts[0]?.answer(200);
    expect(bench.transport.last).toMatchObject({ port: 1, exchange: bound });
  });

  it("takes turns with those that wait for anyone, by who came first", () => {
    const bench = createBench({ web: poolOf(1, { sticky: { cookie: "lb" } }, full) });
    bench.request();
    const waiting = [
      bench.request(),
      bench.request(stuckTo("u1")),
      bench.request(),
      bench.request(stuckTo("u1")),
    ];
    for (let i = 0; i < 4; i++) bench.transport.last.answer(200);
    expect(bench.transport.attempts.slice(1).map(({ exchange }) => exchange)).toEqual(waiting);
  });

  it("goes to another when its own leaves, and gets a new cookie", () => {
    const bench = createBench({ web: poolOf(2, { sticky: { cookie: "lb" } }, full) });
    bench.request(stuckTo("u1"));
    const bound = bench.request(stuckTo("u1"));
    bench.balancer.setState("u1", "drain");
    expect(bench.transport.last).toMatchObject({ port: 2, exchange: bound });
    bench.transport.last.answer(200);
    expect(bound.answerHeaders).toContain("lb=u2; Path=/; Max-Age=600; HttpOnly; SameSite=Lax");
  });

  it("by its hash waits too, while one without a key takes whatever is free", () => {
    const policy = { type: "ring-hash", key: "header:user" };
    const bench = createBench({ web: poolOf(3, { policy }, full) });
    const ada = { headers: ["User", "ada"] };
    bench.request(ada);
    bench.request(ada);
    bench.request();
    bench.request();
    expect(new Set(ports(bench))).toEqual(new Set([1, 2, 3]));
    expect(bench.balancer.pools()[0]?.queueLength).toBe(1);
    const [first] = ports(bench);
    bench.transport.attempts[0]?.answer(200);
    expect(bench.transport.last.port).toBe(first);
  });

  it("keeps its deadline when it has to wait for another", () => {
    const bench = createBench({
      web: poolOf(2, { sticky: { cookie: "lb" }, timeouts: { connectMs: 9000 } }, full),
    });
    bench.request(stuckTo("u1"));
    bench.request(stuckTo("u2"));
    const bound = bench.request(stuckTo("u1"));
    bench.clock.advance(1500);
    bench.balancer.setState("u1", "drain");
    expect(bound.outcome).toBeUndefined();
    bench.clock.advance(500);
    expect(bound.status).toBe(503);
    expect(bench.lastRecord()).toMatchObject({ flag: "UO", queueMs: 2000 });
  });
});

describe("a sticky cookie", () => {
  const start = () => createBench({ web: poolOf(3, { sticky: { cookie: "lb", ttlSeconds: 60 } }) });

  it("is set for a client that has none, and leads it back to the same upstream", () => {
    const bench = start();
    const first = bench.request();
    bench.transport.last.answer(200);
    expect(first.answerHeaders).toContain("lb=u1; Path=/; Max-Age=60; HttpOnly; SameSite=Lax");
    for (let i = 0; i < 5; i++) {
      const next = bench.request({ headers: ["Cookie", "a=b; lb=u1"] });
      expect(bench.transport.last.port).toBe(1);
      bench.transport.last.answer(200);
      expect(next.answerHeaders.join()).toContain("lb=u1;");
    }
  });

  it.each(["u9", "", "constructor"])("that names nobody (%j) is replaced", (name) => {
    const bench = start();
    const exchange = bench.request({ headers: ["Cookie", `lb=${name}`] });
    bench.transport.last.answer(200);
    expect(exchange.answerHeaders).toContain("set-cookie");
  });

  it("is not set by the balancer's own answers", () => {
    const bench = start();
    const exchange = bench.request();
    bench.transport.last.connect();
    bench.transport.last.fail("invalid");
    expect(exchange.answerHeaders).not.toContain("set-cookie");
  });
});
