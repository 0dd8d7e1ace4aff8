import { describe, expect, it } from "vitest";
import { createNodeTime } from "../../../../lab/world/simulated/node-time.ts";
import { every, sleep } from "../../../../runtime/clock.ts";

const LIMITS = { limitMs: 60_000, waitsFor: () => "a promise" };

describe("virtual time", () => {
  it("ends a sleep of any length at once", async () => {
    const time = createNodeTime();
    const clock = time.clock("promises");
    await time.runUntil(sleep(clock, 50_000), LIMITS);
    expect(clock.now()).toBe(50_000);
    expect(clock.wall()).toBe(Date.UTC(2026, 0, 1) + 50_000);
  });

  it("settles every promise that follows from a timer of its kind before anything else happens", async () => {
    const time = createNodeTime();
    const seen: string[] = [];
    const slow = async () => {
      for (let i = 0; i < 50; i++) await Promise.resolve();
      seen.push("promises");
    };
    time.clock("promises").after(10, () => void slow());
    time.clock("data").after(10, () => seen.push("data"));
    await time.run(10);
    expect(seen).toEqual(["promises", "data"]);
  });

  it("keeps a holder's timers from firing once its clock has ended", async () => {
    const time = createNodeTime();
    const clock = time.clock("data");
    let ticks = 0;
    every(clock, 100, () => ticks++);
    await time.run(1000);
    clock.end();
    await time.run(1000);
    expect(ticks).toBe(10);
    expect(time.pending).toBe(0);
  });

  it("is never stopped by a rest that is too short to count", async () => {
    const time = createNodeTime();
    const clock = time.clock("data");
    const due = 1680.849129088107;
    let looks = 0;
    const look = () => {
      looks += 1;
      if (clock.now() < due) clock.after(due - clock.now(), look);
    };
    clock.after(0.1, look);
    await time.run(2000);
    clock.after(1e-13, look);
    await time.run(1);
    expect(looks).toBeLessThan(5);
    expect(time.pending).toBe(0);
  });

  it("says what it waited for when nothing is left to happen, and when it takes too long", async () => {
    const time = createNodeTime();
    await expect(time.runUntil(new Promise(() => {}), LIMITS)).rejects.toThrow(
      "nothing is left to happen in virtual time, and it waited for a promise",
    );
    every(time.clock("data"), 1000, () => {});
    await expect(time.runUntil(new Promise(() => {}), LIMITS)).rejects.toThrow("60 s have passed");
  });

  it("passes on what the promise was rejected with", async () => {
    const time = createNodeTime();
    const failing = sleep(time.clock("promises"), 5).then(() => Promise.reject(new Error("no")));
    await expect(time.runUntil(failing, LIMITS)).rejects.toThrow("no");
  });
});
