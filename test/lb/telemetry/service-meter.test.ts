import { expect, it } from "vitest";
import type { RequestRecord } from "../../../lb/balancer.ts";
import { between, createServiceMeter, quantileMs } from "../../../lb/telemetry/service-meter.ts";
import { createManualClock } from "../../support/manual-clock.ts";

const record = (fields: Partial<RequestRecord> = {}): RequestRecord => ({
  at: 0,
  listener: "public",
  route: "public/0",
  pool: "web",
  attempts: [{ upstream: "web-1", result: "ok" }],
  method: "GET",
  target: "/",
  host: "a",
  peer: "127.0.0.1",
  queueMs: 0,
  connectMs: 1,
  responseMs: 10,
  totalMs: 10,
  bytesOut: 1,
  requestId: "1",
  status: 200,
  flag: "-",
  state: "--",
  reason: undefined,
  origin: "upstream",
  ...fields,
});

function meter() {
  const clock = createManualClock();
  const made = createServiceMeter({ clock });
  made.turn(true);
  return { clock, meter: made };
}

it("counts nothing until it is turned on", () => {
  const idle = createServiceMeter({ clock: createManualClock() });
  idle.request(record());
  expect([idle.read().requests, idle.load()]).toEqual([0, undefined]);
});

it("counts as failed what users got no answer for: 5xx, refusals, cut answers, and clients that waited in vain", () => {
  const { meter: one } = meter();
  const failed = [
    record({ status: 500 }),
    record({ status: 503, flag: "UO", reason: "queue-full" }),
    record({ flag: "UC", reason: "answer-cut" }),
    record({ status: 404, flag: "NR", reason: "no-route" }),
    record({ status: 499, flag: "DC", reason: "client-left", totalMs: 1000 }),
  ];
  const well = [
    record(),
    record({ status: 404 }),
    record({ status: 499, flag: "DC", reason: "client-left", totalMs: 999 }),
  ];
  for (const each of [...failed, ...well]) one.request(each);
  expect(one.read()).toMatchObject({ requests: 8, failures: 5 });
});

it("knows quantiles to a twentieth, without the time of tunnels and of failures", () => {
  const { meter: one } = meter();
  const before = one.read();
  for (let ms = 1; ms <= 1000; ms++) one.request(record({ totalMs: ms }));
  for (let i = 0; i < 500; i++) one.request(record({ status: 101, totalMs: 3_600_000 }));
  for (let i = 0; i < 500; i++) one.request(record({ status: 504, totalMs: 10_000 }));
  const p95 = quantileMs(between(before, one.read()), 0.95) ?? 0;
  expect(p95).toBeGreaterThanOrEqual(950);
  expect(p95).toBeLessThanOrEqual(950 * 1.05);
  expect(quantileMs(before, 0.95)).toBeUndefined();
});

it("sees the busiest ten seconds of a pool, and forgets them after ten minutes", () => {
  const { clock, meter: one } = meter();
  // 40 requests of half a second in 10 s: two at a time.
  for (let i = 0; i < 40; i++) one.request(record({ totalMs: 600, queueMs: 100 }));
  clock.advance(10_000);
  expect(one.load()).toEqual({ windowMs: 10_000, inFlight: new Map([["web", 2]]) });
  clock.advance(60_000);
  one.request(record({ pool: "api", totalMs: 100 }));
  expect(one.load()?.windowMs).toBe(70_000);
  clock.advance(530_000);
  expect(one.load()?.inFlight).toEqual(
    new Map([
      ["web", 2],
      ["api", 0.01],
    ]),
  );
  clock.advance(10_000);
  expect(one.load()).toEqual({ windowMs: 600_000, inFlight: new Map([["api", 0.01]]) });
});
