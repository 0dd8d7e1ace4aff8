import { describe, expect, it } from "vitest";
import { createBench, poolOf, type Bench } from "../../support/balancer-bench.ts";

const ports = ({ transport }: Bench) => transport.attempts.map(({ port }) => port);
const everything = ["connect-failure", "reset", "timeout", "5xx"];
const post = { method: "POST", hasBody: true };

function retrying(
  upstreams: number,
  retry: Record<string, unknown> = {},
  settings: Record<string, unknown> = {},
) {
  return createBench({
    web: poolOf(upstreams, { retry: { attempts: 1, on: everything, ...retry }, ...settings }),
  });
}

const failBy = {
  refusal: ({ transport }: Bench) => transport.last.fail("refused"),
  "connect timeout": ({ clock }: Bench) => clock.advance(2000),
  reset({ transport }: Bench) {
    transport.last.connect();
    transport.last.fail("reset");
  },
  timeout({ clock, transport }: Bench) {
    transport.last.connect();
    clock.advance(10_000);
  },
  "5xx": ({ transport }: Bench) => void transport.last.head(503),
  "invalid answer"({ transport }: Bench) {
    transport.last.connect();
    transport.last.fail("invalid");
  },
};
type How = keyof typeof failBy;

describe("a retry", () => {
  it.each([
    ["refusal", "connect-failure"],
    ["connect timeout", "connect-failure"],
    ["reset", "reset"],
    ["timeout", "timeout"],
    ["5xx", "5xx"],
  ] as [How, string][])("follows a %s under the setting %s, at another upstream", (how, condition) => {
    const bench = retrying(2, { on: [condition] });
    const exchange = bench.request();
    failBy[how](bench);
    expect(ports(bench)).toEqual([1, 2]);
    expect(bench.watched.events).toContain(`retry web ${condition}`);
    expect(bench.inFlight()).toEqual({ u1: 0, u2: 1 });
    bench.transport.last.answer(200);
    expect(exchange.status).toBe(200);
    expect(bench.lastRecord().attempts.map(({ upstream }) => upstream)).toEqual(["u1", "u2"]);
    expect(bench.clock.pending).toBe(0);
  });

  it.each(Object.keys(failBy) as How[])("does not follow a %s when no setting covers it", (how) => {
    const bench = retrying(2, { on: [] });
    bench.request();
    failBy[how](bench);
    expect(bench.transport.attempts).toHaveLength(1);
  });

  it("never follows an invalid answer", () => {
    const bench = retrying(2);
    bench.request();
    failBy["invalid answer"](bench);
    expect(bench.transport.attempts).toHaveLength(1);
  });

  it.each(["reset", "timeout", "5xx"] as How[])("does not repeat a POST or a body after a %s", (how) => {
    for (const request of [{ method: "POST" }, { method: "PATCH" }, { method: "PUT", hasBody: true }]) {
      const bench = retrying(2);
      bench.request(request);
      failBy[how](bench);
      expect(bench.transport.attempts).toHaveLength(1);
    }
  });

  it.each(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])("repeats a %s without a body", (method) => {
    const bench = retrying(2);
    bench.request({ method });
    failBy.reset(bench);
    expect(bench.transport.attempts).toHaveLength(2);
  });

  it("repeats a POST that was refused, unless bytes of its body are gone", () => {
    const untouched = retrying(2);
    untouched.request(post);
    untouched.transport.last.fail("refused");
    expect(untouched.transport.attempts).toHaveLength(2);
    const consumed = retrying(2);
    consumed.request(post);
    consumed.transport.last.fail("refused", { bodyConsumed: true });
    expect(consumed.transport.attempts).toHaveLength(1);
  });

  it("does not repeat a body after a connect timeout, when nobody knows whether the engine has read of it", () => {
    const bench = retrying(2);
    bench.request(post);
    failBy["connect timeout"](bench);
    expect(bench.lastRecord()).toMatchObject({ status: 504, flag: "UF" });
  });

  it("is made as often as allowed, at those not tried yet, then at any", () => {
    const bench = retrying(3, { attempts: 4 });
    bench.request();
    for (let i = 0; i < 4; i++) bench.transport.last.fail("refused");
    expect(new Set(ports(bench).slice(0, 3))).toEqual(new Set([1, 2, 3]));
    expect(bench.transport.attempts).toHaveLength(4);
    // A fourth retry was denied by the budget's floor of three.
    expect(bench.watched.events).toContain("denied web");
    expect(bench.lastRecord()).toMatchObject({ flag: "URX" });
  });

  it("relays the last 5xx when all attempts gave one", () => {
    const bench = retrying(2);
    const exchange = bench.request();
    bench.transport.last.head(500);
    bench.transport.last.answer(502);
    expect(exchange).toMatchObject({ status: 502, outcome: "relayed" });
    expect(bench.lastRecord()).toMatchObject({ origin: "upstream", flag: "-" });
    expect(bench.inFlight()).toEqual({ u1: 0, u2: 0 });
  });

  it("is not made at an upstream that was ejected for the very 5xx it follows, not even by a key that pins", () => {
    const outlier = { consecutive5xx: 1, ejectionSeconds: 5 };
    const pinned = { policy: { type: "ring-hash", key: "header:user" }, outlier };
    const bench = retrying(2, {}, pinned);
    const exchange = bench.request({ headers: ["User", "somebody"] });
    const [first] = ports(bench);
    bench.transport.last.head(503);
    expect(bench.watched.events).toContain(`state web/u${first} EJECTED`);
    expect(ports(bench)).toEqual([first, first === 1 ? 2 : 1]);
    bench.transport.last.answer(200);
    expect(exchange.status).toBe(200);
    expect(bench.inFlight()).toEqual({ u1: 0, u2: 0 });
  });

  it("is not made when the 5xx had the only upstream ejected: the client gets the answer of no upstream", () => {
    const bench = retrying(1, {}, { outlier: { consecutive5xx: 1, ejectionSeconds: 5 } });
    const exchange = bench.request();
    bench.transport.last.head(503);
    expect(ports(bench)).toEqual([1]);
    expect([exchange.outcome, exchange.status, bench.lastRecord().flag]).toEqual(["answered", 503, "UH"]);
    expect(bench.watched.events.filter((line) => line.startsWith("retry"))).toEqual([]);
    expect(bench.inFlight()).toEqual({ u1: 0 });
  });

  it("distinguishes a connect timeout from a refusal also after a retry", () => {
    const bench = retrying(1);
    bench.request();
    bench.transport.last.fail("refused");
    bench.clock.advance(2000);
    expect(bench.lastRecord()).toMatchObject({ status: 504, flag: "UF", state: "sC" });
  });

  it("is denied beyond the budget: the failure stays, and the observer is notified", () => {
    const bench = retrying(2, { budgetPercent: 10 });
    for (let i = 0; i < 40; i++) {
      bench.request();
      bench.transport.last.answer(200);
    }
    for (let i = 0; i < 20; i++) {
      bench.request();
      bench.transport.last.fail("refused");
      if (bench.transport.open.length > 0) bench.transport.last.answer(200);
    }
    const countOf = (line: string) => bench.watched.events.filter((event) => event === line).length;
    expect(countOf("retry web connect-failure")).toBe(6);
    expect(countOf("denied web")).toBe(14);
    const refused = bench.watched.records.filter(({ status, flag }) => status === 502 && flag === "UF");
    expect(refused).toHaveLength(14);
  });

  it("goes nowhere, and costs no answer, when every other upstream has left", () => {
    const bench = retrying(2);
    const exchange = bench.request();
    bench.balancer.setState("u1", "drain");
    bench.balancer.setState("u2", "drain");
    bench.transport.last.fail("refused");
    expect(exchange.status).toBe(502);
    expect(bench.lastRecord()).toMatchObject({ flag: "UF" });
  });

  it("never waits: with the others full it is made at the same upstream", () => {
    const bench = createBench({ web: poolOf(2, {}, { maxConnections: 1 }) });
    bench.request();
    bench.request();
    const waiting = bench.request();
    bench.transport.attempts[0]?.fail("refused");
    expect(ports(bench)).toEqual([1, 2, 1]);
    bench.transport.last.answer(200);
    expect(bench.transport.last.exchange).toBe(waiting);
    expect(ports(bench)).toEqual([1, 2, 1, 1]);
  });
});

describe("a retry of a pinned request", () => {
  const pinned = { policy: { type: "ring-hash", key: "header:user" } };
  const user = { headers: ["User", "ada"] };

  it("stays on its upstream, or one dead backend would not be felt", () => {
    const bench = retrying(5, {}, pinned);
    bench.request(user);
    bench.transport.last.fail("refused");
    bench.transport.last.fail("refused");
    const [first, second] = ports(bench);
    expect(second).toBe(first);
    expect(bench.lastRecord()).toMatchObject({ status: 502, flag: "URX" });
  });

  it("goes elsewhere if redispatch allows", () => {
    const bench = retrying(5, { redispatch: true }, pinned);
    bench.request(user);
    bench.transport.last.fail("refused");
    const [first, second] = ports(bench);
    expect(second).not.toBe(first);
  });

  it("goes elsewhere if it has no key and so was not pinned", () => {
    const bench = retrying(5, {}, pinned);
    bench.request();
    bench.transport.last.fail("refused");
    const [first, second] = ports(bench);
    expect(second).not.toBe(first);
  });

  it("stays with a sticky cookie, and with redispatch moves the cookie along", () => {
    for (const redispatch of [false, true]) {
      const bench = retrying(3, { redispatch }, { sticky: { cookie: "lb" } });
      const exchange = bench.request({ headers: ["Cookie", "lb=u2"] });
      bench.transport.last.fail("refused");
      bench.transport.last.answer(200);
      const [first, second] = ports(bench);
      expect(first).toBe(2);
      expect(second === 2).toBe(!redispatch);
      expect(exchange.answerHeaders.join()).toContain(`lb=u${second};`);
    }
  });
});

describe("a kept connection that the upstream had closed", () => {
  it("has its request sent again to the same upstream once, outside retries and budget", () => {
    const bench = createBench({ web: poolOf(3, { retry: { attempts: 0, on: [], budgetPercent: 0 } }) });
    const exchange = bench.request();
    bench.transport.last.connect(true);
    bench.transport.last.fail("reset");
    expect(ports(bench)).toEqual([1, 1]);
    expect(bench.watched.events).toContain("retry web stale-connection");
    bench.transport.last.connect(true);
    bench.transport.last.fail("reset");
    expect(exchange.status).toBe(502);
    expect(bench.lastRecord()).toMatchObject({ flag: "UC" });
    expect(bench.inFlight()).toEqual({ u1: 0, u2: 0, u3: 0 });
  });

  it.each([
    ["the connection was new", {}, { reused: false }],
    ["the method may not be repeated", { method: "POST" }, {}],
    ["bytes of the body are gone", { method: "PUT", hasBody: true }, { bodyConsumed: true }],
  ])("fails the request if %s", (_why, request, facts) => {
    const bench = createBench({ web: poolOf(1, { retry: { attempts: 0 } }) });
    bench.request(request);
    bench.transport.last.connect(true);
    bench.transport.last.fail("reset", facts);
    expect(bench.lastRecord()).toMatchObject({ status: 502, flag: "UC" });
  });
});
