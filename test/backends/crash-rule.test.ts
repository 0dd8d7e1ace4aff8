import { expect, test } from "vitest";
import { createCapacity } from "../../backends/capacity.ts";
import { createCrashRule } from "../../backends/crash-rule.ts";
import { seeded } from "../../runtime/random.ts";
import { createManualClock } from "../support/manual-clock.ts";
import { offerLoad } from "../support/offered-load.ts";

const RULE = { refusalsPerSecond: 100, forMs: 4500 };

/** Refusals evenly spaced from `from` to `to`; the time of the crash, if there is one. */
function refuseEvenly(rule: (now: number) => boolean, perSecond: number, from: number, to: number) {
  for (let at = from; at <= to; at += 1000 / perSecond) if (rule(at)) return at;
  return undefined;
}

test("140 refusals a second crash it once they have exceeded 100 in a second for the set time", () => {
  // The 101st refusal comes after 714 ms: only then are there more than 100 in a second.
  const crashedAt = refuseEvenly(createCrashRule(RULE), 140, 0, 60_000);
  expect(crashedAt).toBeGreaterThanOrEqual(714 + 4500);
  expect(crashedAt).toBeLessThan(714 + 4500 + 10);
});

test.each([60, 99])("%d refusals a second never crash it", (perSecond) => {
  expect(refuseEvenly(createCrashRule(RULE), perSecond, 0, 120_000)).toBeUndefined();
});

test("a lull starts the time again", () => {
  const rule = createCrashRule(RULE);
  expect(refuseEvenly(rule, 140, 0, 4000)).toBeUndefined();
  expect(refuseEvenly(rule, 50, 4000, 5500)).toBeUndefined();
  const crashedAt = refuseEvenly(rule, 140, 5500, 60_000);
  expect(crashedAt).toBeGreaterThan(5500 + 4500);
});

test("silence starts the time again", () => {
  const rule = createCrashRule(RULE);
  expect(refuseEvenly(rule, 140, 0, 5000)).toBeUndefined();
  expect(refuseEvenly(rule, 140, 8000, 8000 + 5000)).toBeUndefined();
});

const overloaded = (perSecond: number, seed: number) => {
  const clock = createManualClock();
  const crashes: number[] = [];
  const random = seeded(seed);
  const capacity = createCapacity(
    { slots: 3, serviceMs: 50, queueLimit: 30, crash: RULE },
    { clock, random, onCrash: () => crashes.push(clock.now()) },
  );
  offerLoad(capacity, perSecond, { clock, random: random.fork("arrivals") });
  clock.advance(60_000);
  return crashes;
};

test("a server of 60 a second offered 200 by chance crashes once, a few seconds in", () => {
  for (let seed = 0; seed < 10; seed++) {
    const crashes = overloaded(200, seed);
    expect(crashes).toHaveLength(1);
    expect(crashes[0]).toBeGreaterThan(5000);
    expect(crashes[0]).toBeLessThan(12_000);
  }
});

test("the same server offered 120 by chance refuses half and does not crash", () => {
  for (let seed = 0; seed < 10; seed++) expect(overloaded(120, seed)).toEqual([]);
});
