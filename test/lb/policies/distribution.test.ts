import { describe, expect, it } from "vitest";
import { createPolicy, type PolicyOptions } from "../../../lb/policies/index.ts";
import { seeded } from "../../../runtime/random.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { createMembers, nobody } from "./members.ts";

const clock = createManualClock();

/** Share of `count` requests by distinct users that each member gets from an idle pool. */
function shares(options: PolicyOptions, weights: readonly number[], count: number, keyed = true): number[] {
  const { view } = createMembers(weights);
  const policy = createPolicy(options, { random: seeded(11), clock, candidates: view });
  const counts = weights.map(() => 0);
  for (let i = 0; i < count; i++) {
    const order = policy.pick({ key: keyed ? `user-${i}` : undefined }, nobody)?.order ?? -1;
    counts[order] = (counts[order] ?? 0) + 1;
  }
  return counts.map((got) => got / count);
}

describe("shares of an idle pool", () => {
  it.each([
    { type: "round-robin" },
    { type: "random-two" },
    { type: "ring-hash", key: "cookie:user" },
  ] satisfies PolicyOptions[])("follow the weights under $type", (options) => {
    const weights = [35, 12, 1, 1, 1];
    shares(options, weights, 20_000).forEach((share, i) => {
      expect(Math.abs(share - (weights[i] ?? 0) / 50)).toBeLessThan(0.03);
    });
  });

  it("follow the weights under ring-hash also for requests without a key", () => {
    const [heavy = 0] = shares({ type: "ring-hash", key: "cookie:user" }, [3, 1], 20_000, false);
    expect(Math.abs(heavy - 0.75)).toBeLessThan(0.04);
  });

  it("are all the first one's under first", () => {
    expect(shares({ type: "first" }, [1, 256], 100)).toEqual([1, 0]);
  });
});

describe("random-two", () => {
  it("spares the one that is loaded for its weight, whichever stands first", () => {
    for (const [busy, idle] of [
      ["m0", "m1"],
      ["m1", "m0"],
    ] as const) {
      const members = createMembers([1, 1]);
      members.load(busy, 50);
      const policy = createPolicy(
        { type: "random-two" },
        { random: seeded(5), clock, candidates: members.view },
      );
      const picks = Array.from({ length: 4000 }, () => policy.pick({ key: undefined }, nobody)?.name);
      // The busy one is taken only when both draws fall on it.
      expect(Math.abs(picks.filter((name) => name === idle).length / 4000 - 0.75)).toBeLessThan(0.03);
    }
  });
});
