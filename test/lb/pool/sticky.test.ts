import { describe, expect, it } from "vitest";
import { createBench, poolOf } from "../../support/balancer-bench.ts";
import type { FakeRequest } from "../../support/fake-exchange.ts";

/** The Set-Cookie of an answer to this request. */
function cookieFor(sticky: object, request: FakeRequest = {}, rest: Record<string, unknown> = {}) {
  const bench = createBench({ web: poolOf(1, { sticky: { cookie: "lb", ...sticky } }) }, rest);
  const exchange = bench.request(request);
  bench.transport.last.answer(200);
  const at = exchange.answerHeaders.indexOf("set-cookie");
  return at === -1 ? undefined : exchange.answerHeaders[at + 1];
}

describe("a sticky cookie", () => {
  it("begins its time anew with each answer, so that nobody moves in the middle of their work", () => {
    const bench = createBench({ web: poolOf(2, { sticky: { cookie: "lb", ttlSeconds: 600 } }) });
    for (let minute = 0; minute < 30; minute += 5) {
      const exchange = bench.request({ headers: ["Cookie", "lb=u2"] });
      expect(bench.transport.last.port).toBe(2);
      bench.transport.last.answer(200);
      expect(exchange.answerHeaders).toContain("lb=u2; Path=/; Max-Age=600; HttpOnly; SameSite=Lax");
      bench.clock.advance(300_000);
    }
  });

  it("is not set by an answer of the balancer's own", () => {
    const bench = createBench({ web: poolOf(1, { sticky: { cookie: "lb" }, retry: { attempts: 0 } }) });
    const exchange = bench.request();
    bench.transport.last.fail("refused");
    expect(exchange.answerHeaders).not.toContain("set-cookie");
  });

  it("is Secure when the client came over TLS, here or at a trusted proxy, and not by anybody's word", () => {
    const claim = { headers: ["X-Forwarded-Proto", "https"], peer: "10.0.0.1" };
    expect(cookieFor({}, { secure: true })).toContain("; Secure");
    expect(cookieFor({}, claim, { trustedProxies: ["10.0.0.0/8"] })).toContain("; Secure");
    expect(cookieFor({}, claim)).not.toContain("Secure");
    expect(cookieFor({})).not.toContain("Secure");
  });

  it.each([
    [
      "a name with __Host-",
      { cookie: "__Host-lb" },
      "__Host-lb=u1; Path=/; Max-Age=600; HttpOnly; SameSite=Lax; Secure",
    ],
    [
      "a name with __Secure-",
      { cookie: "__Secure-lb" },
      "__Secure-lb=u1; Path=/; Max-Age=600; HttpOnly; SameSite=Lax; Secure",
    ],
    ["sameSite none", { sameSite: "none" }, "lb=u1; Path=/; Max-Age=600; HttpOnly; SameSite=None; Secure"],
    ["sameSite strict", { sameSite: "strict" }, "lb=u1; Path=/; Max-Age=600; HttpOnly; SameSite=Strict"],
  ])("with %s has what browsers ask of it", (_what, settings, cookie) => {
    expect(cookieFor(settings)).toBe(cookie);
  });
});
