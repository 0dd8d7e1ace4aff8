import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { create } from "../../../lb/policies/least-connections.ts";
import { seeded } from "../../../runtime/random.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { createMembers, nobody } from "./members.ts";

const clock = createManualClock();

const request = { key: undefined };

function start(weights: readonly number[], loads: readonly number[] = []) {
  const members = createMembers(weights);
  loads.forEach((load, i) => members.load(`m${i}`, load));
  const policy = create(
    { type: "least-connections" },
    { random: seeded(1), clock, candidates: members.view },
  );
  members.notify(policy);
  return { members, pick: (avoid = nobody) => policy.pick(request, avoid)?.name };
}

describe("least-connections", () => {
  it.each([
    { loads: [9, 5, 1], best: "m2" },
    { loads: [1, 5, 9], best: "m0" },
    { loads: [5, 1, 9], best: "m1" },
    { loads: [5, 9, 1], best: "m2" },
    { loads: [9, 1, 5], best: "m1" },
    { loads: [1, 9, 5], best: "m0" },
  ])("finds the least loaded wherever it stands: $loads", ({ loads, best }) => {
    expect(start([1, 1, 1], loads).pick()).toBe(best);
  });

  it("counts load against weight", () => {
    expect(start([1, 10], [1, 9]).pick()).toBe("m1");
    expect(start([1, 10], [0, 10]).pick()).toBe("m0");
  });

  it("shares an idle pool out in turns", () => {
    const { pick } = start([1, 1, 1]);
    expect([pick(), pick(), pick(), pick()]).toEqual(["m0", "m1", "m2", "m0"]);
  });

  it("leaves out the one avoided and comes back to it afterwards", () => {
    const { members, pick } = start([1, 1], [0, 5]);
    expect(pick(new Set([members.get("m0")]))).toBe("m1");
    expect(pick()).toBe("m0");
  });

  it("always picks a minimum, however loads and members change", () => {
    const step = fc.record({
      what: fc.constantFrom("load", "load", "leave", "join", "weigh"),
      who: fc.nat(7),
      amount: fc.nat(40),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100, size: "max" }), (steps) => {
        const { members, pick } = start([1, 2, 3, 4, 5, 256, 1, 1]);
        for (const { what, who, amount } of steps) {
          const name = `m${who}`;
          if (what === "load") members.load(name, amount);
          else if (what === "weigh") members.weigh(name, amount + 1);
          else members[what](name);
          const pressures = members.view.map(({ inFlight, weight }) => (inFlight + 1) / weight);
          const picked = pick();
          if (picked === undefined) expect(members.view).toEqual([]);
          else {
            const { inFlight, weight } = members.get(picked);
            expect((inFlight + 1) / weight).toBe(Math.min(...pressures));
          }
        }
      }),
      { seed: 1, numRuns: 150 },
    );
  });
});
