import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createWaitQueue } from "../../../lb/pool/wait-queue.ts";

describe("the wait queue", () => {
  it("serves the longest waiting of those an owner suits, and leaves those of other owners", () => {
    const queue = createWaitQueue<string, number>(10);
    queue.enter(1, "a");
    queue.enter(2, undefined);
    queue.enter(3, "b");
    queue.enter(4, "a");
    const nextOf = (owner: string) => queue.next(owner)?.item;
    expect([nextOf("b"), nextOf("b"), nextOf("b")]).toEqual([2, 3, undefined]);
    expect([nextOf("a"), nextOf("a"), nextOf("a")]).toEqual([1, 4, undefined]);
    expect(queue.length).toBe(0);
  });

  it("takes no more than its limit, over all lines together", () => {
    const queue = createWaitQueue<string, number>(2);
    const first = queue.enter(1, "a");
    queue.enter(2, undefined);
    expect(queue.enter(3, "b")).toBeUndefined();
    if (first) queue.leave(first);
    expect(queue.enter(4, "b")).toBeDefined();
  });

  it("takes as many as its limit says now, and keeps who waits already when that falls", () => {
    const queue = createWaitQueue<string, number>(1);
    queue.enter(1, "a");
    queue.resize(2);
    expect(queue.enter(2, "a")).toBeDefined();
    queue.resize(1);
    expect(queue.length).toBe(2);
    queue.next("a");
    expect(queue.enter(3, "a")).toBeUndefined();
  });

  it("takes nobody with a limit of 0", () => {
    expect(createWaitQueue<string, number>(0).enter(1, undefined)).toBeUndefined();
  });

  it("moves a wait to another line with the time it has waited", () => {
    const queue = createWaitQueue<string, number>(10);
    queue.enter(1, "b");
    const moved = queue.enter(2, "a");
    queue.enter(3, "b");
    queue.enter(4, undefined);
    if (moved) queue.move(moved, "b");
    expect(queue.waitingFor("b").map(({ item }) => item)).toEqual([1, 2, 3]);
    expect(queue.waitingFor("a")).toEqual([]);
    expect(queue.length).toBe(4);
    expect([1, 2, 3, 4].map(() => queue.next("b")?.item)).toEqual([1, 2, 3, 4]);
    if (moved) queue.move(moved, "a");
    expect(queue.length).toBe(0);
  });

  it("agrees with a plain list under any sequence of entering, leaving and serving", () => {
    const step = fc.record({
      what: fc.constantFrom("enter", "enter", "leave", "move", "next"),
      owner: fc.constantFrom("a", "b", undefined),
      index: fc.nat(20),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120, size: "max" }), (steps) => {
        const queue = createWaitQueue<string, number>(8);
        const list: { ticket: ReturnType<typeof queue.enter>; owner: string | undefined }[] = [];
        const tickets: typeof list = [];

        steps.forEach(({ what, owner, index }, serial) => {
          if (what === "enter") {
            const ticket = queue.enter(serial, owner);
            expect(ticket === undefined).toBe(list.length === 8);
            if (ticket) {
              const entry = { ticket, owner };
              for (const to of [list, tickets]) to.push(entry);
            }
          } else if (what === "leave") {
            const ticket = tickets[index]?.ticket;
            if (!ticket) return;
            const place = list.findIndex((entry) => entry.ticket === ticket);
            expect(queue.leave(ticket)).toBe(place !== -1);
            if (place !== -1) list.splice(place, 1);
          } else if (what === "move") {
            const entry = tickets[index];
            if (!entry?.ticket) return;
            queue.move(entry.ticket, owner);
            entry.owner = owner;
          } else {
            const place = list.findIndex((entry) => entry.owner === undefined || entry.owner === "a");
            expect(queue.next("a")).toBe(list[place]?.ticket);
            if (place !== -1) list.splice(place, 1);
          }
          expect(queue.length).toBe(list.length);
        });
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});
