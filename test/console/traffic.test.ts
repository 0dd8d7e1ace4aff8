import { describe, expect, it } from "vitest";
import { createDotSchedule } from "../../dashboards/console/traffic/dot-schedule.ts";
import {
  createDotScale,
  DOTS_PER_SECOND,
  MOST_DOTS,
  roundUp,
} from "../../dashboards/console/traffic/dot-scale.ts";
import { journeyOf, travelMs, wayOf } from "../../dashboards/console/traffic/journey.ts";
import { foldLanes, lanesOf } from "../../dashboards/console/traffic/lanes.ts";
import { pathsOf, pointAt } from "../../dashboards/console/traffic/paths.ts";
import { weightedQuantile } from "../../dashboards/console/traffic/sampled-p95.ts";
import { wayInWords } from "../../dashboards/console/traffic/way-in-words.ts";
import type { SampledBalancerRequest } from "../../lab/events/traffic-view.ts";
import { GLOSSARY } from "../../lab/trainee/glossary.ts";
import type { PoolView } from "../../lab/trainee/views.ts";
import { REASONS } from "../../lb/reasons.ts";

const logged = (more: Partial<SampledBalancerRequest> = {}): SampledBalancerRequest => ({
  seenBy: "balancer",
  weight: 1,
  at: 1000,
  outcome: "200",
  failed: false,
  status: 200,
  flag: undefined,
  id: "r1",
  method: "GET",
  target: "/p/417",
  listener: "public",
  route: "/",
  pool: "web",
  attempts: [{ upstream: "web-1", result: "ok" }],
  state: "--",
  reason: undefined,
  origin: "upstream",
  queueMs: 0,
  connectMs: 1,
  responseMs: 8,
  totalMs: 10,
  bytesOut: 100,
  ...more,
});

const poolOf = (count: number, change: (i: number) => object = () => ({})): PoolView => ({
  pool: "web",
  policy: "round-robin",
  queueLength: 0,
  queueLimit: 10,
  upstreams: Array.from({ length: count }, (_, i) => ({
    pool: "web",
    upstream: `web-${i + 1}`,
    address: `127.0.0.1:${9101 + i}`,
    state: "UP",
    weight: 1,
    inFlight: 0,
    maxConnections: 4,
    requests: 0,
    failures: 0,
    requestsPerSecond: 10,
    failuresPerSecond: 0,
    ...change(i),
  })),
});

describe("dots", () => {
  it("stand for one request each up to 25 a second on a way", () => {
    const schedule = createDotSchedule();
    for (let turn = 0; turn < 8; turn++) {
      const samples = Array.from({ length: 6 }, () => logged({ at: turn * 250 }));
      schedule.add({ from: turn * 250, to: turn * 250 + 250, samples }, turn * 250);
    }
    expect(schedule.requestsPerDot).toBe(1);
  });

  it("stand for more where there are more, and are as many as the weights say", () => {
    const schedule = createDotSchedule();
    const started = new Set<unknown>();
    for (let turn = 0; turn < 80; turn++) {
      const now = turn * 250;
      const samples = Array.from({ length: 25 }, (_, i) =>
        logged({ at: now + i * 10, totalMs: 0, weight: 2, failed: i < 5, status: i < 5 ? 503 : 200 }),
      );
      schedule.add({ from: now, to: now + 250, samples }, now);
      for (let at = now; at < now + 250; at += 50)
        for (const { dot } of schedule.places(at)) started.add(dot);
    }
    expect(schedule.requestsPerDot).toBe(10);
    const requests = 80 * 25 * 2;
    expect(started.size).toBeGreaterThan(requests / 10 / 1.1);
    expect(started.size).toBeLessThan((requests / 10) * 1.15);
    const failed = [...started].filter((dot) => (dot as { sample: { failed: boolean } }).sample.failed);
    expect(failed.length / started.size).toBeCloseTo(0.2, 1);
  });

  it("are 300 at most", () => {
    const schedule = createDotSchedule();
    const samples = Array.from({ length: 2000 }, (_, i) =>
      logged({ pool: `p${i % 100}`, totalMs: 60_000, at: 0 }),
    );
    schedule.add({ from: 0, to: 250, samples }, 0);
    expect(schedule.places(600).length).toBeLessThanOrEqual(MOST_DOTS);
  });

  it("go back as a failure, and once for each attempt", () => {
    const legs = journeyOf(
      logged({
        attempts: [
          { upstream: "web-1", result: "refused" },
          { upstream: "web-2", result: "ok" },
        ],
      }),
    );
    expect(legs.map(({ path, back, failed }) => [path, back, failed])).toEqual([
      ["web/web-1", false, false],
      ["web/web-1", true, true],
      ["web/web-2", false, false],
    ]);
    expect(wayOf(logged({ attempts: [] }))).toBe("web/");
  });

  it("take longer for what took longer, up to a limit", () => {
    expect(travelMs(1000)).toBeGreaterThan(travelMs(100));
    expect(travelMs(1e9)).toBe(1200);
  });

  it("keep their scale for three seconds after less has come", () => {
    const scale = createDotScale();
    const rate = (perBatch: number) => new Map([["a", perBatch]]);
    for (let at = 0; at <= 2000; at += 250) scale.add(at, rate(DOTS_PER_SECOND), 25);
    const high = scale.requestsPerDot;
    expect(high).toBeGreaterThan(1);
    for (let at = 2250; at <= 4500; at += 250) scale.add(at, rate(1), 1);
    expect(scale.requestsPerDot).toBe(high);
    for (let at = 4750; at <= 9000; at += 250) scale.add(at, rate(1), 1);
    expect(scale.requestsPerDot).toBe(1);
    expect([0.2, 1.1, 2.5, 12, 99].map(roundUp)).toEqual([1, 2, 5, 20, 100]);
  });
});

describe("lanes", () => {
  it("have the share that was taken beside the configured and an equal one", () => {
    const [first] = lanesOf(
      poolOf(5, (i) => ({ weight: i === 0 ? 6 : 1, requestsPerSecond: i === 0 ? 60 : 10 })),
      [],
    );
    expect(first).toMatchObject({ share: 0.6, configured: 0.6, equal: 0.2 });
  });

  it("are folded to the odd ones and a line for the rest", () => {
    const lanes = lanesOf(
      poolOf(50, (i) => (i === 6 ? { state: "DOWN" } : i === 30 ? { failuresPerSecond: 3 } : {})),
      [],
    );
    const { shown, rest } = foldLanes(lanes);
    expect(shown.map(({ upstream }) => upstream)).toEqual(["web-7", "web-31"]);
    expect(rest).toMatchObject({ count: 48, failuresPerSecond: 0, state: "UP" });
  });

  it("hide no failures of those that are folded", () => {
    const { shown, rest } = foldLanes(
      lanesOf(
        poolOf(50, () => ({ failuresPerSecond: 1 })),
        [],
      ),
    );
    expect(shown.length + (rest?.count ?? 0)).toBe(50);
    expect(rest?.failuresPerSecond).toBe(rest?.count);
  });

  it("are shown one by one up to ten", () => {
    expect(foldLanes(lanesOf(poolOf(10), [])).rest).toBeUndefined();
  });
});

describe("paths", () => {
  it("end where their lanes begin", () => {
    const paths = pathsOf({
      users: { x: 0, y: 0, width: 100, height: 90 },
      listener: { x: 130, y: 0, width: 100, height: 90 },
      pools: [
        {
          pool: "web",
          queue: { x: 300, y: 10 },
          lanes: [{ upstream: "web-1", x: 300, y: 80 }],
          rest: undefined,
        },
      ],
    });
    const path = paths.get("web/web-1");
    expect(path && pointAt(path, 1, false, 0)).toEqual({ x: 300, y: 80 });
    expect(path && pointAt(path, 0, false, 0)).toEqual({ x: 230, y: 45 });
    expect([...paths.keys()]).toEqual(["users", "web/", "web/web-1"]);
  });
});

describe("a request's way in words", () => {
  it("says flag, reason and state by the glossary", () => {
    const sample = logged({
      outcome: "503 UO",
      status: 503,
      flag: "UO",
      failed: true,
      origin: "balancer",
      attempts: [],
      state: "PQ",
      reason: "queue-full",
    });
    const { headline, facts } = wayInWords(sample, [poolOf(5)], { glossary: GLOSSARY, reasons: REASONS });
    const byName = Object.fromEntries(facts);
    expect(headline).toBe("GET /p/417 → 503 UO from the balancer itself after 10 ms.");
    expect(byName["flag"]).toContain("its queue was full");
    expect(byName["reason"]).toBe("Too many requests are waiting already.");
    expect(byName["state"]).toBe("PQ: ended by the balancer itself, in the phase waiting in the queue");
    expect(byName["upstream"]).toBe("none was picked");
  });

  it("says by which rule an upstream was picked where the log does not say why", () => {
    const { facts } = wayInWords(logged(), [poolOf(5)], { glossary: GLOSSARY, reasons: REASONS });
    expect(Object.fromEntries(facts)["upstream"]).toBe(
      "web-1, picked by round-robin: one after the other, each as often as its weight says (its weight is 1 of 5 now)",
    );
  });

  it("says why an upstream was picked as the log has it, where it has it", () => {
    const sample = logged({
      attempts: [{ upstream: "web-1", result: "ok", pickedBecause: "round-robin-turn" }],
    });
    const { facts } = wayInWords(sample, [poolOf(5)], { glossary: GLOSSARY, reasons: REASONS });
    expect(Object.fromEntries(facts)["upstream"]).toBe(
      "web-1, picked because its turn had come in the sequence by weight (round-robin; its weight is 1 of 5 now)",
    );
  });
});

describe("weightedQuantile", () => {
  it("counts a value as often as its weight says", () => {
    const values = [
      { ms: 1, weight: 90 },
      { ms: 5, weight: 9 },
      { ms: 9, weight: 1 },
    ];
    expect(weightedQuantile(values, 0.9)).toBe(1);
    expect(weightedQuantile(values, 0.95)).toBe(5);
    expect(weightedQuantile([], 0.95)).toBeUndefined();
  });
});
