import { describe, expect, it } from "vitest";
import { scheduleVisits } from "../../../lab/probe/schedule.ts";
import { seeded } from "../../../runtime/random.ts";
import { createManualClock } from "../../support/manual-clock.ts";

function visitsOf(users: number, everyMs: number, forMs: number): number[][] {
  const clock = createManualClock();
  const random = seeded(11);
  const visits = Array.from({ length: users }, (_, user) => {
    const times: number[] = [];
    scheduleVisits(everyMs, { clock, random: random.fork(`${user}`) }, () => times.push(clock.now()));
    return times;
  });
  clock.advance(forMs);
  return visits;
}

describe("visits", () => {
  it("show every user in every window of 10 s, at the longest pause that may be configured", () => {
    const lateness = (times: number[]) =>
      Math.max(...times.map((time, i) => time - (i === 0 ? 0 : (times[i - 1] ?? 0))));
    for (const times of visitsOf(200, 8000, 300_000)) expect(lateness(times)).toBeLessThan(10_000);
  });

  it("keep to their rate, over all users and over time", () => {
    const all = visitsOf(200, 5000, 300_000).flat();
    expect(all.length / 200 / 60).toBeCloseTo(1, 1);
    for (let second = 5; second < 280; second += 20) {
      const inIt = all.filter((time) => time >= second * 1000 && time < (second + 20) * 1000).length;
      expect(inIt).toBeGreaterThan(700);
      expect(inIt).toBeLessThan(900);
    }
  });

  it("vary by no more than a fifth", () => {
    for (const times of visitsOf(50, 1000, 100_000))
      for (let i = 1; i < times.length; i++) {
        const pause = (times[i] ?? 0) - (times[i - 1] ?? 0);
        expect(pause).toBeGreaterThanOrEqual(800 - 1e-6);
        expect(pause).toBeLessThanOrEqual(1200 + 1e-6);
      }
  });

  it("come again just the same under the same seed", () => {
    expect(visitsOf(5, 1000, 20_000)).toEqual(visitsOf(5, 1000, 20_000));
  });

  it("that a held-up process missed are not made up for in a burst", () => {
    let now = 0;
    const due: { at: number; run: () => void }[] = [];
    const clock = {
      now: () => now,
      wall: () => now,
      after(ms: number, run: () => void) {
        due.push({ at: now + ms, run });
        return () => {};
      },
    };
    let visits = 0;
    scheduleVisits(1000, { clock, random: seeded(1) }, () => (visits += 1));
    now = 60_000;
    for (let turn = due.shift(); turn && turn.at <= now; turn = due.shift()) turn.run();
    expect(visits).toBe(1);
  });

  it("end when they are cancelled", () => {
    const clock = createManualClock();
    let visits = 0;
    const cancel = scheduleVisits(1000, { clock, random: seeded(1) }, () => (visits += 1));
    clock.advance(5000);
    const before = visits;
    cancel();
    clock.advance(5000);
    expect(visits).toBe(before);
    expect(clock.pending).toBe(0);
  });
});
