import { describe, expect, it } from "vitest";
import { startChecker, type HealthSettings } from "../../../../lb/pool/health/active.ts";
import { seeded } from "../../../../runtime/random.ts";
import { createFakeTransport, type FakeCheck, type FakeTransport } from "../../../support/fake-transport.ts";
import { createManualClock } from "../../../support/manual-clock.ts";
import type { CheckResult } from "../../../../lb/outcome.ts";

const usual: HealthSettings = {
  path: "/healthz",
  intervalMs: 2000,
  timeoutMs: 1000,
  fall: 3,
  rise: 2,
  status: "200-399",
};

function start(settings: Partial<HealthSettings> = {}, seed = 1) {
  const clock = createManualClock();
  const transport = createFakeTransport();
  const results: CheckResult[] = [];
  const unsent: string[] = [];
  const target = { host: "127.0.0.1", port: 1 };
  const stop = startChecker(
    { ...usual, ...settings },
    target,
    { clock, random: seeded(seed), transport },
    (result) => results.push(result),
    (detail) => unsent.push(detail),
  );
  return { clock, transport, results, unsent, stop };
}

describe("the health checker", () => {
  it("first asks within a quarter of its interval, and not at the same moment for every upstream", () => {
    const firsts = [1, 2, 3, 4].map((seed) => {
      const { clock, transport } = start({}, seed);
      let ms = 0;
      for (; transport.checks.length === 0; ms++) clock.advance(1);
      return ms;
    });
    expect(Math.max(...firsts)).toBeLessThanOrEqual(501);
    expect(new Set(firsts).size).toBeGreaterThan(1);
  });

  it("asks again one interval after it asked last", () => {
    const { clock, transport, results } = start();
    clock.advance(500);
    clock.advance(300);
    transport.checks[0]?.done(200);
    const untilNext = 2000;
    clock.advance(untilNext);
    expect(transport.checks).toHaveLength(2);
    expect(transport.checks[1]).toMatchObject({ port: 1, path: "/healthz" });
    expect(results).toMatchObject([{ ok: true, detail: "status 200" }]);
  });

  it.each([
    ["200-399", 199, false],
    ["200-399", 200, true],
    ["200-399", 399, true],
    ["200-399", 400, false],
    ["204", 204, true],
    ["204", 200, false],
  ])("with %s takes %i for ok: %s", (status, got, ok) => {
    const { clock, transport, results } = start({ status });
    clock.advance(500);
    transport.checks[0]?.done(got);
    expect(results).toMatchObject([{ ok }]);
  });

  it("fails a check that gets no answer in time, ends it, and does not hear it afterwards", () => {
    const { clock, transport, results } = start();
    clock.advance(500);
    clock.advance(1000);
    expect(results).toMatchObject([{ ok: false, durationMs: expect.closeTo(1000) as number }]);
    expect(transport.checks[0]?.cancelled).toBe(true);
    transport.checks[0]?.done(200);
    expect(results).toHaveLength(1);
  });

  it("does not hear a check twice, nor one that answers although it was ended", () => {
    const clock = createManualClock();
    const answers: ((status: number) => void)[] = [];
    const results: CheckResult[] = [];
    const target = { host: "127.0.0.1", port: 1 };
    const check: FakeTransport["check"] = (_target, _path, done) => {
      answers.push((status) => done({ kind: "answered", status, detail: "" }));
      return { connected: true, cancel() {} };
    };
    startChecker(usual, target, { clock, random: seeded(1), transport: { check } }, (result) =>
      results.push(result),
    );
    clock.advance(500);
    answers[0]?.(200);
    answers[0]?.(500);
    clock.advance(2000);
    clock.advance(1000);
    answers[1]?.(200);
    expect(results.map(({ ok }) => ok)).toEqual([true, false]);
  });

  it.each([
    ["200", (check: FakeCheck) => check.done(200), { ok: true, status: "L7OK", code: 200 }],
    ["500", (check: FakeCheck) => check.done(500), { ok: false, status: "L7STS", code: 500 }],
    ["a refused connection", (check: FakeCheck) => check.fail("refused"), { ok: false, status: "L4CON" }],
    ["no way there", (check: FakeCheck) => check.fail("unreachable"), { ok: false, status: "L4CON" }],
    ["a reset", (check: FakeCheck) => check.fail("reset"), { ok: false, status: "SOCKERR" }],
    ["no HTTP", (check: FakeCheck) => check.fail("invalid"), { ok: false, status: "L7RSP" }],
  ])("calls %s by HAProxy's word", (_what, happens, result) => {
    const { clock, transport, results } = start();
    clock.advance(500);
    for (const check of transport.checks) happens(check);
    expect(results).toMatchObject([result]);
  });

  it("distinguishes a connection that does not come from an answer that does not", () => {
    const { clock, transport, results } = start();
    clock.advance(500);
    clock.advance(1000);
    clock.advance(1000);
    transport.checks[1]?.connect();
    clock.advance(1000);
    expect(results.map(({ status }) => status)).toEqual(["L4TOUT", "L7TOUT"]);
  });

  it("takes a check that never left this machine for no result, and asks again", () => {
    const { clock, transport, results, unsent } = start();
    clock.advance(500);
    transport.checks[0]?.fail("exhausted", "EMFILE");
    expect(results).toEqual([]);
    expect(unsent).toEqual(["EMFILE"]);
    clock.advance(2000);
    transport.checks[1]?.done(200);
    expect(results).toMatchObject([{ ok: true }]);
  });

  it("asks by the name that is set", () => {
    const { clock, transport } = start({ host: "shop.test" });
    clock.advance(500);
    expect(transport.checks[0]).toMatchObject({ path: "/healthz", host: "shop.test" });
  });

  it("never asks twice at once, however long a check takes", () => {
    const { clock, transport, results } = start({ intervalMs: 1000, timeoutMs: 5000 });
    clock.advance(5000);
    expect(transport.checks).toHaveLength(1);
    clock.advance(250);
    expect(results).toHaveLength(1);
    clock.advance(0);
    expect(transport.checks).toHaveLength(2);
  });

  it("falls silent when stopped, with no timer left", () => {
    const { clock, transport, results, stop } = start();
    clock.advance(500);
    stop();
    transport.checks[0]?.done(200);
    clock.advance(60_000);
    expect(transport.checks).toHaveLength(1);
    expect(results).toEqual([]);
    expect(clock.pending).toBe(0);
  });
});
