import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createEventQueue } from "../../../../lab/world/simulated/event-queue.ts";

const OWNER = { alive: true, settles: false };

describe("the event queue", () => {
  it("lets events happen by their time, and by their scheduling where times are equal, whatever is cancelled", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ due: fc.nat(20), cancelled: fc.boolean() }), { maxLength: 200 }),
        (plan) => {
          const queue = createEventQueue();
          const seen: number[] = [];
          const cancels = plan.map(({ due }, i) => queue.schedule(due, OWNER, () => seen.push(i)));
          plan.forEach(({ cancelled }, i) => cancelled && cancels[i]?.());
          const wanted = plan
            .map((event, i) => ({ ...event, i }))
            .filter(({ cancelled }) => !cancelled)
            .sort((a, b) => a.due - b.due || a.i - b.i);
          expect(queue.length).toBe(wanted.length);
          while (queue.next(Infinity));
          expect(seen).toEqual(wanted.map(({ i }) => i));
        },
      ),
    );
  });

  it("keeps nothing of what was cancelled, however much it was", () => {
    const queue = createEventQueue();
    for (let i = 0; i < 10_000; i++) queue.schedule(1000 + (i % 7), OWNER, () => {})();
    expect(queue.length).toBe(0);
  });

  it("cancels once: later calls, and calls after it has happened, do nothing to others", () => {
    const queue = createEventQueue();
    const seen: string[] = [];
    const first = queue.schedule(1, OWNER, () => seen.push("first"));
    const second = queue.schedule(2, OWNER, () => seen.push("second"));
    queue.schedule(3, OWNER, () => seen.push("third"));
    queue.next(Infinity);
    first();
    second();
    second();
    while (queue.next(Infinity));
    expect(seen).toEqual(["first", "third"]);
  });

  it("moves time only forward, and what is in the past happens now", () => {
    const queue = createEventQueue();
    const at: number[] = [];
    queue.schedule(10, OWNER, () => {
      queue.schedule(3, OWNER, () => at.push(queue.nowMs));
    });
    while (queue.next(Infinity));
    expect(at).toEqual([10]);
  });

  it("drops the events of owners that have ended", () => {
    const queue = createEventQueue();
    const owner = { alive: true, settles: false };
    queue.schedule(1, owner, () => (owner.alive = false));
    queue.schedule(2, owner, () => expect.unreachable());
    while (queue.next(Infinity));
    expect(queue.happened).toBe(1);
  });

  it("refuses a time that is no time", () => {
    expect(() => createEventQueue().schedule(Number.NaN, OWNER, () => {})).toThrow(RangeError);
  });
});
