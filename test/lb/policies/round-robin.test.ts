import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { create } from "../../../lb/policies/round-robin.ts";
import { seeded } from "../../../runtime/random.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { createMembers, nobody } from "./members.ts";

const clock = createManualClock();

const request = { key: undefined };

function start(weights: readonly number[]) {
  const members = createMembers(weights);
  const policy = create({ type: "round-robin" }, { random: seeded(1), clock, candidates: members.view });
  members.notify(policy);
  const sequence = (count: number) =>
    Array.from({ length: count }, () => policy.pick(request, nobody)?.name).join(" ");
  return { members, policy, sequence };
}

/** nginx's algorithm as published: raise all, take the first highest, lower it by the sum. */
function createReference(weights: readonly number[]) {
  const credits = weights.map(() => 0);
  const inUse = weights.map(() => true);
  return {
    set: (who: number, to: boolean) => void (inUse[who] = to),
    pick(skip?: number): number | undefined {
      let best: number | undefined;
      let total = 0;
      weights.forEach((weight, who) => {
        if (!inUse[who] || who === skip) return;
        credits[who] = (credits[who] ?? 0) + weight;
        total += weight;
        if (best === undefined || (credits[who] ?? 0) > (credits[best] ?? 0)) best = who;
      });
      if (best !== undefined) credits[best] = (credits[best] ?? 0) - total;
      return best;
    },
  };
}

describe("round-robin", () => {
  it("follows nginx's smooth sequence for 5:1:1", () => {
    expect(start([5, 1, 1]).sequence(14)).toBe("m0 m0 m1 m0 m2 m0 m0 m0 m0 m1 m0 m2 m0 m0");
  });

  it("takes plain turns when all weigh the same", () => {
    expect(start([7, 7, 7]).sequence(6)).toBe("m0 m1 m2 m0 m1 m2");
  });

  it("is nginx's sequence for any weights, while some come, go, and are avoided", () => {
    const step = fc.record({
      what: fc.constantFrom("pick", "pick", "pick", "leave", "join", "avoid"),
      who: fc.nat(6),
    });
    const weights = fc.array(fc.oneof(fc.constantFrom(1, 2, 3, 256), fc.integer({ min: 1, max: 256 })), {
      minLength: 1,
      maxLength: 7,
    });
    fc.assert(
      fc.property(weights, fc.array(step, { maxLength: 200, size: "max" }), (weights, steps) => {
        const { members, policy } = start(weights);
        const reference = createReference(weights);
        for (const { what, who: any } of steps) {
          const who = any % weights.length;
          const name = `m${who}`;
          if (what === "leave" || what === "join") {
            members[what](name);
            reference.set(who, what === "join");
          } else {
            const skip = what === "avoid" ? who : undefined;
            const avoid = skip === undefined ? nobody : new Set([members.get(name)]);
            const expected = reference.pick(skip);
            expect(policy.pick(request, avoid)?.order).toBe(expected);
          }
        }
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it("owes nobody twenty turns who left at full weight and came back at a twentieth of it", () => {
    const { members, sequence } = start([1, 1]);
    expect(sequence(1)).toBe("m0");
    for (const name of ["m0", "m1"]) {
      members.leave(name);
      members.weigh(name, 0.05);
      members.join(name);
    }
    for (const name of ["m0", "m1"]) members.weigh(name, 1);
    const turns = sequence(8).split(" ");
    expect(turns.filter((name) => name === "m0").length).toBeGreaterThanOrEqual(3);
  });

  it("owes nobody many turns when one that was heavy comes back light", () => {
    const { members, sequence } = start([2, 2]);
    expect(sequence(1)).toBe("m0");
    members.weigh("m1", 256);
    expect(sequence(2)).toBe("m1 m1");
    members.leave("m1");
    members.weigh("m1", 2);
    members.join("m1");
    const turns = sequence(8).split(" ");
    expect(turns.filter((name) => name === "m0").length).toBeGreaterThanOrEqual(3);
  });

  it("shares by weight again after whatever came, went, was full and was weighed anew, as in a slow start", () => {
    const weights = [5, 1, 1, 2];
    const total = 9;
    const step = fc.record({
      what: fc.constantFrom("pick", "leave", "leave", "join", "weigh", "weigh"),
      who: fc.nat(3),
      part: fc.constantFrom(1, 1, 10, 20),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
        const { members, policy } = start(weights);
        for (const { what, who, part } of steps) {
          const name = `m${who}`;
          if (what === "weigh") members.weigh(name, ((weights[who] ?? 0) * part) / 20);
          else if (what === "pick") policy.pick(request, nobody);
          else members[what](name);
        }
        weights.forEach((weight, who) => {
          members.weigh(`m${who}`, weight);
          members.join(`m${who}`);
        });
        const counts = weights.map(() => 0);
        for (let i = 0; i < 10 * total; i++) {
          const order = policy.pick(request, nobody)?.order ?? -1;
          counts[order] = (counts[order] ?? 0) + 1;
        }
        counts.forEach((count, who) =>
          expect(Math.abs(count - 10 * (weights[who] ?? 0))).toBeLessThanOrEqual(2),
        );
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it("gives each exactly its weight in every cycle, also with 300 upstreams of up to 256", () => {
    const weights = Array.from({ length: 300 }, (_, i) => 1 + ((i * 37) % 256));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const { policy } = start(weights);
    const counts = weights.map(() => 0);
    for (let i = 0; i < total; i++) {
      const order = policy.pick(request, nobody)?.order ?? -1;
      counts[order] = (counts[order] ?? 0) + 1;
    }
    expect(counts).toEqual(weights);
  });

  it("goes on where it was when weights change, and large old credits starve nobody", () => {
    const { members, sequence } = start([256, 256, 256]);
    expect(sequence(100).endsWith("m2 m0")).toBe(true);
    for (const name of ["m0", "m1", "m2"]) members.weigh(name, 1);
    expect(sequence(6)).toBe("m1 m2 m0 m1 m2 m0");
  });

  it("does not favour the first when weights change between any two requests, as in a slow start", () => {
    const { members, policy } = start([1, 1, 1, 1]);
    const counts = [0, 0, 0, 0];
    for (let i = 1; i <= 100; i++) {
      members.weigh("m3", i / 100);
      const order = policy.pick(request, nobody)?.order ?? -1;
      counts[order] = (counts[order] ?? 0) + 1;
    }
    const [a = 0, b = 0, c = 0, d = 0] = counts;
    expect(Math.max(a, b, c) - Math.min(a, b, c)).toBeLessThanOrEqual(1);
    // Half of a full share on average.
    expect(d).toBeGreaterThan(10);
    expect(d).toBeLessThan(18);
  });
});
