import { describe, expect, it } from "vitest";
import { headerValue } from "../../../lb/exchange.ts";
import type { TransportFailure } from "../../../lb/transport/transport.ts";
import { createBench, poolOf, type Bench } from "../../support/balancer-bench.ts";
import type { FakeExchange } from "../../support/fake-exchange.ts";

/** Nothing is in flight or waiting, and no timer of a request is left. */
function expectClean(bench: Bench) {
  expect(bench.balancer.inFlight).toBe(0);
  expect(Object.values(bench.inFlight()).every((count) => count === 0)).toBe(true);
  expect(bench.clock.pending).toBe(0);
}

const noRetry = { retry: { attempts: 0 } };

describe("a request that an upstream answers", () => {
  it("is relayed, and recorded with its times", () => {
    const bench = createBench({ web: poolOf(1) });
    const exchange = bench.request({ target: "/a?b", headers: ["Accept", "*/*"] });
    bench.clock.advance(5);
    bench.transport.last.connect();
    bench.clock.advance(20);
    bench.transport.last.head(201, ["X-A", "1", "Connection", "close"]);
    bench.clock.advance(7);
    bench.transport.last.write("hello");
    bench.transport.last.end(["X-Sum", "9"]);
    expect(exchange).toMatchObject({
      status: 201,
      body: "hello",
      outcome: "relayed",
      trailers: ["X-Sum", "9"],
    });
    expect(exchange.answerHeaders).toEqual(["X-A", "1", "via", "1.1 lblab"]);
    expect(bench.watched.records).toEqual([
      {
        status: 201,
        flag: "-",
        state: "--",
        origin: "upstream",
        at: bench.clock.wall() - 32,
        listener: "public",
        route: "public/0",
        pool: "web",
        attempts: [{ upstream: "u1", result: "ok", pickedBecause: "only-candidate" }],
        method: "GET",
        target: "/a?b",
        host: "shop.test",
        peer: "192.0.2.1",
        queueMs: 0,
        connectMs: 5,
        responseMs: 20,
        totalMs: 32,
        bytesOut: 5,
        requestId: headerValue(bench.transport.last.headers, "x-request-id"),
      },
    ]);
    expect(bench.watched.events).toEqual(["configured 1", "state web/u1 UP", "attempt web/u1 ok"]);
    expectClean(bench);
  });

  it("gets interim heads too, without the fields of the upstream's connection", () => {
    const bench = createBench({ web: poolOf(1) });
    const exchange = bench.request();
    bench.transport.last.connect();
    bench.transport.last.events.inform({
      status: 103,
      reason: "",
      headers: ["Link", "x", "Connection", "close"],
    });
    bench.transport.last.answer(200);
    expect(exchange.informed).toEqual([{ status: 103, reason: "", headers: ["Link", "x"] }]);
    expect(exchange.status).toBe(200);
  });

  it("gets an upstream's own 5xx as it is when that may not be retried", () => {
    const bench = createBench({ web: poolOf(2) });
    const exchange = bench.request();
    bench.transport.last.answer(503);
    expect(exchange.outcome).toBe("relayed");
    expect(headerValue(exchange.answerHeaders, "x-balancer-flag")).toBeUndefined();
    expect(bench.lastRecord()).toMatchObject({
      status: 503,
      flag: "-",
      origin: "upstream",
      attempts: [{ upstream: "u1", result: "5xx" }],
    });
    expectClean(bench);
  });
});

interface Way {
  readonly name: string;
  readonly pool?: Record<string, unknown>;
  readonly fail: (bench: Bench, exchange: FakeExchange) => void;
  readonly status: number;
  readonly flag: string;
  readonly state: string;
  readonly attempts: readonly string[];
}

const failing = (kind: TransportFailure["kind"]) => (bench: Bench) => bench.transport.last.fail(kind);

const ways: Way[] = [
  {
    name: "a refusal",
    fail: failing("refused"),
    status: 502,
    flag: "UF",
    state: "SC",
    attempts: ["refused"],
  },
  {
    name: "an unreachable upstream",
    fail: failing("unreachable"),
    status: 502,
    flag: "UF",
    state: "SC",
    attempts: ["unreachable"],
  },
  {
    name: "a refusal after a retry",
    pool: { retry: { attempts: 1 } },
    fail: (bench) => {
      bench.transport.last.fail("refused");
      bench.transport.last.fail("refused");
    },
    status: 502,
    flag: "URX",
    state: "SC",
    attempts: ["refused", "refused"],
  },
  {
    name: "a connection that is not accepted in 2 s",
    fail: ({ clock, transport }) => {
      clock.advance(1999);
      expect(transport.last.aborted).toBe(false);
      clock.advance(1);
    },
    status: 504,
    flag: "UF",
    state: "sC",
    attempts: ["connect-timeout"],
  },
  {
    name: "a connection that is not accepted in the pool's own time",
    pool: { timeouts: { connectMs: 50 } },
    fail: ({ clock }) => clock.advance(50),
    status: 504,
    flag: "UF",
    state: "sC",
    attempts: ["connect-timeout"],
  },
  {
    name: "a reset before the head",
    fail: ({ transport }) => {
      transport.last.connect();
      transport.last.fail("reset");
    },
    status: 502,
    flag: "UC",
    state: "SH",
    attempts: ["reset"],
  },
  {
    name: "an invalid answer",
    fail: ({ transport }) => {
      transport.last.connect();
      transport.last.fail("invalid");
    },
    status: 502,
    flag: "UPE",
    state: "PH",
    attempts: ["invalid"],
  },
  {
    name: "a switch of protocols that nobody asked for",
    fail: ({ transport }) => expect(transport.last.head(101)).toBe(false),
    status: 502,
    flag: "UPE",
    state: "PH",
    attempts: ["invalid"],
  },
  {
    name: "no answer in 10 s from the connection on",
    fail: ({ clock, transport }) => {
      clock.advance(1500);
      transport.last.connect();
      clock.advance(9999);
      expect(transport.last.aborted).toBe(false);
      clock.advance(1);
    },
    status: 504,
    flag: "UT",
    state: "sH",
    attempts: ["timeout"],
  },
  {
    name: "no answer in time since the last piece of the request's body",
    pool: { timeouts: { responseMs: 100 } },
    fail: ({ clock, transport }) => {
      transport.last.connect();
      for (let i = 0; i < 5; i++) {
        clock.advance(90);
        transport.last.events.progress();
      }
      clock.advance(99);
      expect(transport.last.aborted).toBe(false);
      clock.advance(1);
    },
    status: 504,
    flag: "UT",
    state: "sH",
    attempts: ["timeout"],
  },
];

describe("a request that fails before an answer has begun", () => {
  it.each(ways)("by $name gets $status $flag of the balancer's own", (way) => {
    const bench = createBench({ web: poolOf(1, { ...noRetry, ...way.pool }) });
    const exchange = bench.request();
    way.fail(bench, exchange);
    expect(exchange).toMatchObject({ status: way.status, outcome: "answered" });
    expect(exchange.body).toMatch(new RegExp(`^${way.status} .*${way.flag}.*\n$`));
    expect(exchange.body).not.toMatch(/127|u1/);
    expect(exchange.answerHeaders).toEqual([
      "content-type",
      "text/plain; charset=utf-8",
      "server",
      "lblab",
      "x-balancer-flag",
      way.flag,
      "x-request-id",
      bench.lastRecord().requestId,
    ]);
    expect(bench.lastRecord()).toMatchObject({
      status: way.status,
      flag: way.flag,
      state: way.state,
      origin: "balancer",
      bytesOut: exchange.body.length,
    });
    expect(bench.lastRecord().attempts.map(({ result }) => result)).toEqual(way.attempts);
    expect(bench.transport.open).toEqual([]);
    expectClean(bench);
  });

  it("for a field that could be taken for one of ours gets 400 DR, where that is set", () => {
    const bench = createBench({ web: poolOf(1) }, { ambiguousFields: "refuse" });
    expect(bench.request({ headers: ["X_Forwarded_For", "6.6.6.6"] }).status).toBe(400);
    expect(bench.lastRecord()).toMatchObject({
      flag: "DR",
      state: "PR",
      reason: "field-ambiguous",
      attempts: [],
    });
    expect(bench.transport.attempts).toEqual([]);
  });

  it("by lack of a route gets 404 NR and a whole record", () => {
    const bench = createBench({ web: poolOf(1) });
    bench.balancer.apply(
      {
        ...bench.balancer.config,
        listeners: [{ name: "public", bind: "x:1", upgrades: [], routes: [{ path: "/x", pool: "web" }] }],
      },
      2,
    );
    const exchange = bench.request({ target: "/y" });
    expect(exchange.status).toBe(404);
    expect(bench.lastRecord()).toMatchObject({
      flag: "NR",
      state: "PR",
      route: "-",
      pool: "-",
      attempts: [],
      queueMs: undefined,
      connectMs: undefined,
      totalMs: 0,
    });
    expectClean(bench);
  });

  it.each([
    ["drain", { state: "drain" }],
    ["maintenance", { state: "maintenance" }],
    ["no weight", { weight: 0 }],
  ])("by lack of a candidate (all with %s) gets 503 UH", (_why, each) => {
    const bench = createBench({ web: poolOf(2, {}, each) });
    expect(bench.request().status).toBe(503);
    expect(bench.lastRecord()).toMatchObject({ flag: "UH", state: "SC", pool: "web", attempts: [] });
    expectClean(bench);
  });

  it("fails even when the transport says so before it returns", () => {
    const bench = createBench({ web: poolOf(3, { retry: { attempts: 2 } }) });
    bench.transport.onSend = (attempt) => attempt.fail("refused");
    expect(bench.request().status).toBe(502);
    expect(bench.lastRecord().attempts).toHaveLength(3);
    expectClean(bench);
  });
});

describe("an answer that has begun", () => {
  it.each(["reset", "invalid"] as const)("is cut, never ended, when the upstream fails by %s", (kind) => {
    const bench = createBench({ web: poolOf(2, { retry: { attempts: 2, on: ["reset", "5xx"] } }) });
    const exchange = bench.request();
    bench.transport.last.head(200);
    bench.transport.last.write("half");
    bench.transport.last.fail(kind);
    expect(exchange).toMatchObject({ status: 200, outcome: "cut" });
    expect(bench.transport.attempts).toHaveLength(1);
    expect(bench.lastRecord()).toMatchObject({
      status: 200,
      flag: "UC",
      state: "SD",
      reason: "answer-cut",
      origin: "upstream",
      bytesOut: 4,
      attempts: [{ upstream: "u1", result: "cut" }],
    });
    expectClean(bench);
  });

  it("is cut when nothing has moved for the idle time, and not before", () => {
    const bench = createBench({ web: poolOf(1) }, { timeouts: { idleMs: 1000 } });
    const exchange = bench.request();
    bench.transport.last.head(200);
    for (let i = 0; i < 3; i++) {
      bench.clock.advance(999);
      bench.transport.last.write(".");
    }
    bench.clock.advance(999);
    expect(exchange.outcome).toBeUndefined();
    bench.clock.advance(1);
    expect(exchange.outcome).toBe("cut");
    expect(bench.transport.last.aborted).toBe(true);
    expectClean(bench);
  });
});

describe("a client that leaves", () => {
  it("takes its try with it, while connecting as while waiting for the head", () => {
    for (const connected of [false, true]) {
      const bench = createBench({ web: poolOf(1) });
      const exchange = bench.request();
      if (connected) bench.transport.last.connect();
      exchange.clientLeaves();
      expect(bench.transport.last.aborted).toBe(true);
      expect(bench.lastRecord()).toMatchObject({
        status: 499,
        flag: "DC",
        state: "CH",
        attempts: [{ upstream: "u1", result: "client-left" }],
      });
      expect(bench.balancer.pools()[0]?.upstreams[0]?.failures).toBe(0);
      expectClean(bench);
    }
  });

  it("is distinguished from one that leaves in mid-body", () => {
    const bench = createBench({ web: poolOf(1) });
    const exchange = bench.request();
    bench.transport.last.head(200);
    bench.transport.last.write("half");
    exchange.clientLeaves();
    expect(bench.lastRecord()).toMatchObject({ status: 200, flag: "DC", state: "CD", bytesOut: 4 });
    expectClean(bench);
  });

  it("leaves the queue", () => {
    const bench = createBench({ web: poolOf(1, {}, { maxConnections: 1 }) });
    bench.request();
    const waiting = bench.request();
    expect(bench.balancer.pools()[0]?.queueLength).toBe(1);
    bench.clock.advance(30);
    waiting.clientLeaves();
    expect(bench.balancer.pools()[0]?.queueLength).toBe(0);
    expect(bench.lastRecord()).toMatchObject({ status: 499, state: "CH", queueMs: 30, attempts: [] });
    bench.transport.last.answer(200);
    expect(bench.transport.attempts).toHaveLength(1);
    expectClean(bench);
  });
});

describe("a tunnel", () => {
  const upgrade = { upgrade: "websocket", headers: ["Connection", "Upgrade", "Upgrade", "websocket"] };

  it("starts with the upstream's 101, may be silent for ever, and ends as the upstream ends it", () => {
    const bench = createBench({ web: poolOf(1) });
    const exchange = bench.request(upgrade);
    expect(headerValue(bench.transport.last.headers, "upgrade")).toBe("websocket");
    bench.transport.last.head(101, ["Connection", "Upgrade", "Upgrade", "websocket"]);
    expect(headerValue(exchange.answerHeaders, "connection")).toBe("Upgrade");
    bench.clock.advance(86_400_000);
    expect(bench.balancer.inFlight).toBe(1);
    bench.transport.last.end();
    expect(bench.lastRecord()).toMatchObject({ status: 101, flag: "-", origin: "upstream" });
    expectClean(bench);
  });

  it("takes no place from other requests, and is in flight to the end", () => {
    const bench = createBench({ web: poolOf(1, {}, { maxConnections: 1 }) });
    const upstream = () => bench.balancer.pools()[0]?.upstreams[0];
    bench.request(upgrade);
    const waiting = bench.request();
    expect(bench.balancer.pools()[0]?.queueLength).toBe(1);
    bench.transport.last.head(101, ["Upgrade", "websocket"]);
    const [tunnel, second] = bench.transport.open;
    expect(upstream()).toMatchObject({ inFlight: 2, tunnels: 1 });
    const third = bench.request();
    expect(bench.balancer.pools()[0]?.queueLength).toBe(1);
    second?.answer(200);
    bench.transport.last.answer(200);
    expect([waiting.status, third.status]).toEqual([200, 200]);
    expect(upstream()).toMatchObject({ inFlight: 1, tunnels: 1 });
    tunnel?.end();
    expect(upstream()).toMatchObject({ inFlight: 0, tunnels: 0 });
    expectClean(bench);
  });

  it("that the upstream declines is an answer like any other", () => {
    const bench = createBench({ web: poolOf(1) });
    const exchange = bench.request(upgrade);
    bench.transport.last.answer(426, ["Upgrade", "websocket"]);
    expect(exchange.status).toBe(426);
    expect(headerValue(exchange.answerHeaders, "upgrade")).toBeUndefined();
    expectClean(bench);
  });

  it("is asked for again only if nothing was sent", () => {
    const bench = createBench({
      web: poolOf(2, { retry: { attempts: 1, on: ["connect-failure", "reset"] } }),
    });
    const refused = bench.request(upgrade);
    bench.transport.last.fail("refused");
    bench.transport.last.answer(200);
    expect(refused.status).toBe(200);
    const reset = bench.request(upgrade);
    bench.transport.last.connect(true);
    bench.transport.last.fail("reset");
    expect(reset.status).toBe(502);
    expectClean(bench);
  });
});
