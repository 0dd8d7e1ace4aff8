import { describe, expect, it } from "vitest";
import { create, options } from "../../../lb/policies/maglev.ts";
import { seeded } from "../../../runtime/random.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { createMembers, nobody } from "./members.ts";

/** How many places of the table each member owns, seen through requests without a key that go over all places. */
function places(weights: readonly number[], tableSize: number): number[] {
  const { view } = createMembers(weights);
  let place = 0;
  const random = { ...seeded(1), below: () => place++ };
  const settings = { type: "maglev", key: "peer", tableSize } as const;
  const policy = create(settings, { random, clock: createManualClock(), candidates: view });
  const counts = weights.map(() => 0);
  for (let i = 0; i < tableSize; i++) {
    const order = policy.pick({ key: undefined }, nobody)?.order ?? -1;
    counts[order] = (counts[order] ?? 0) + 1;
  }
  return counts;
}

describe("maglev", () => {
  it("gives equal weights equal parts of the table, to one place", () => {
    const counts = places([1, 1, 1, 1, 1, 1, 1], 65_537);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(65_537);
  });

  it("gives others their parts within 1 %", () => {
    const weights = [35, 12, 1, 1, 1];
    places(weights, 65_537).forEach((count, i) => {
      expect(count / 65_537 / ((weights[i] ?? 0) / 50)).toBeCloseTo(1, 2);
    });
  });

  it("serves also those that have no place in a table that is too small for them", () => {
    const counts = places(
      Array.from({ length: 10 }, () => 1),
      7,
    );
    expect(counts.filter((count) => count > 0)).toHaveLength(7);
    const { view, all } = createMembers([1, 1, 1]);
    const settings = { type: "maglev", key: "peer", tableSize: 2 } as const;
    const policy = create(settings, { random: seeded(1), clock: createManualClock(), candidates: view });
    const reached = new Set(["a", "b", "c", "d"].map((key) => policy.pick({ key }, nobody)));
    const others = all.filter((member) => !reached.has(member));
    expect(others).toHaveLength(1);
    expect(policy.pick({ key: "a" }, reached as ReadonlySet<(typeof all)[number]>)).toBe(others[0]);
  });

  it("takes only a prime number of places, or turns would not come by all of them", () => {
    const sizes = [1, 2, 3, 4, 9, 65_536, 65_537, 1_000_003, 1_000_005];
    const accepted = sizes.filter(
      (tableSize) => options.safeParse({ type: "maglev", key: "peer", tableSize }).success,
    );
    expect(accepted).toEqual([2, 3, 65_537, 1_000_003]);
  });
});
