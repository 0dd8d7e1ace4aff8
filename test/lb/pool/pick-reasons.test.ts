import { describe, expect, it } from "vitest";
import { PICK_REASONS } from "../../../lb/pick-reasons.ts";
import { createBench, poolOf, type Bench } from "../../support/balancer-bench.ts";
import type { FakeRequest } from "../../support/fake-exchange.ts";

const full = { maxConnections: 1 };
const stuckTo = (upstream: string): FakeRequest => ({ headers: ["Cookie", `lb=${upstream}`] });
const user = (name: string): FakeRequest => ({ headers: ["X-User", name] });
const byUser = { type: "ring-hash", key: "header:x-user" };

/** Why each attempt of the request that ended last went where it went. */
const reasons = (bench: Bench) => bench.lastRecord().attempts.map(({ pickedBecause }) => pickedBecause);

function reasonsOf(settings: Record<string, unknown>, request?: FakeRequest) {
  const bench = createBench({ web: poolOf(3, settings) });
  bench.request(request);
  bench.transport.last.answer(200);
  return reasons(bench);
}

describe("why an upstream was picked", () => {
  it.each([
    ["round-robin", "round-robin-turn"],
    ["random", "random"],
    ["random-two", "less-loaded-of-two"],
    ["least-connections", "least-connections"],
    ["peak-ewma", "lower-latency-of-two"],
    ["first", "first-with-room"],
  ])("under %s is %s", (type, reason) => {
    expect(reasonsOf({ policy: { type } })).toEqual([reason]);
  });

  it.each(["ring-hash", "maglev"])("under %s is the key's hash, or that there was no key", (type) => {
    const policy = { type, key: "header:x-user" };
    expect(reasonsOf({ policy }, user("ada"))).toEqual(["hash"]);
    expect(reasonsOf({ policy })).toEqual(["no-key"]);
  });

  it("is the sticky cookie only where the cookie's upstream could be picked", () => {
    const sticky = { cookie: "lb" };
    expect(reasonsOf({ sticky }, stuckTo("u2"))).toEqual(["sticky-cookie"]);
    expect(reasonsOf({ sticky }, stuckTo("gone"))).toEqual(["round-robin-turn"]);
  });

  it("is that no other could be picked, once no other can", () => {
    const bench = createBench({ web: poolOf(3) });
    bench.balancer.setState("u1", "drain");
    bench.balancer.setState("u3", "maintenance");
    bench.request();
    bench.transport.last.answer(200);
    expect(bench.lastRecord().attempts).toEqual([
      { upstream: "u2", result: "ok", pickedBecause: "only-candidate" },
    ]);
  });

  it("is panic mode for one that is not healthy", () => {
    const health = { path: "/health", intervalMs: 1000, fall: 1 };
    const bench = createBench({ web: poolOf(2, { health, allDown: "all" }) });
    bench.clock.advance(1000);
    for (const check of bench.transport.checks) check.done(500);
    bench.request();
    bench.transport.last.answer(200);
    expect(reasons(bench)).toEqual(["panic-mode"]);
  });

  it("is the place that became free for one that waited for any, and still the binding for one that waited for its own", () => {
    const bench = createBench({ web: poolOf(2, { sticky: { cookie: "lb" } }, full) });
    bench.request();
    bench.request();
    bench.request();
    bench.request(stuckTo("u2"));
    bench.transport.attempts[0]?.answer(200);
    bench.transport.attempts[1]?.answer(200);
    bench.transport.attempts[2]?.answer(200);
    expect(reasons(bench)).toEqual(["freed-place"]);
    bench.transport.attempts[3]?.answer(200);
    expect(reasons(bench)).toEqual(["sticky-cookie"]);
  });

  it("is the hash also for one that waited for its key's upstream", () => {
    const bench = createBench({ web: poolOf(2, { policy: byUser }, full) });
    bench.request(user("ada"));
    bench.request(user("ada"));
    bench.transport.attempts[0]?.answer(200);
    bench.transport.attempts[1]?.answer(200);
    expect(reasons(bench)).toEqual(["hash"]);
  });

  it("is the retry, at another or at the same, and the resend over a new connection", () => {
    const retry = { attempts: 1, on: ["reset"] };
    const other = createBench({ web: poolOf(2, { retry }) });
    other.request();
    other.transport.last.connect();
    other.transport.last.fail("reset");
    other.transport.last.answer(200);
    expect(reasons(other)).toEqual(["round-robin-turn", "retry-other"]);

    const same = createBench({ web: poolOf(1, { retry }) });
    same.request();
    same.transport.last.connect();
    same.transport.last.fail("reset");
    same.transport.last.answer(200);
    expect(reasons(same)).toEqual(["only-candidate", "retry-same"]);

    const stale = createBench({ web: poolOf(2, { retry: { attempts: 0 } }) });
    stale.request();
    stale.transport.last.connect(true);
    stale.transport.last.fail("reset", { reused: true });
    stale.transport.last.answer(200);
    expect(reasons(stale)).toEqual(["round-robin-turn", "resent-stale"]);
  });

  it("has a clause for people that goes on from `because`", () => {
    for (const clause of Object.values(PICK_REASONS)) expect(clause).toMatch(/^[a-z].*[^.]$/);
  });
});
