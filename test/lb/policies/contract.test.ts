import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPolicy, policyOptions, type PolicyOptions } from "../../../lb/policies/index.ts";
import type { Policy } from "../../../lb/policies/policy.ts";
import { seeded } from "../../../runtime/random.ts";
import { createMembers, nobody, type Member } from "./members.ts";

/** What a policy needs beyond its type. */
const EXTRAS: Partial<Record<PolicyOptions["type"], object>> = { "ring-hash": { key: "cookie:user" } };

const everyPolicy = policyOptions.options.map((option) => {
  const type = option.shape.type.value;
  return policyOptions.parse({ type, ...EXTRAS[type] });
});

describe.each(everyPolicy)("the policy $type", (options) => {
  const start = (...weights: number[]) => {
    const members = createMembers(weights);
    const policy = createPolicy(options, { random: seeded(7), candidates: members.view });
    members.tell(policy);
    return { members, policy };
  };
  const picks = (policy: Policy<Member>, count: number) =>
    Array.from({ length: count }, (_, i) => policy.pick({ key: `user-${i}` }, nobody)?.name);

  it("picks nobody from an empty view, also when all have left", () => {
    const { members, policy } = start(1, 1);
    expect(policy.pick({ key: "k" }, nobody)).toBeDefined();
    members.leave("m0");
    members.leave("m1");
    expect(policy.pick({ key: "k" }, nobody)).toBeUndefined();
    expect(policy.pick({ key: undefined }, nobody)).toBeUndefined();
  });

  it("picks the only candidate, with and without a key", () => {
    const { members, policy } = start(3);
    expect(policy.pick({ key: "k" }, nobody)).toBe(members.get("m0"));
    expect(policy.pick({ key: undefined }, nobody)).toBe(members.get("m0"));
  });

  it("never picks one that is avoided, and nobody when all are", () => {
    const { members, policy } = start(1, 256, 1);
    const avoid = new Set([members.get("m1")]);
    for (let i = 0; i < 200; i++) {
      expect(avoid).not.toContain(policy.pick({ key: `user-${i}` }, avoid));
      expect(policy.pick({ key: undefined }, avoid)).toBeDefined();
    }
    expect(policy.pick({ key: "k" }, new Set(members.all))).toBeUndefined();
    expect(policy.pick({ key: undefined }, new Set(members.all))).toBeUndefined();
  });

  it("repeats itself under the same seed", () => {
    expect(picks(start(1, 2, 3).policy, 100)).toEqual(picks(start(1, 2, 3).policy, 100));
  });

  it("takes up candidates that were there before it", () => {
    const members = createMembers([1, 1, 1]);
    const policy = createPolicy(options, { random: seeded(7), candidates: members.view });
    expect(policy.pick({ key: "k" }, nobody)).toBeDefined();
  });

  it("picks only from the view, whatever joins, leaves, is loaded or weighed anew, in whatever order", () => {
    const step = fc.record({
      what: fc.constantFrom("join", "leave", "weigh", "load", "pick", "pick", "avoid"),
      who: fc.nat(5),
      amount: fc.oneof(fc.nat(4), fc.constant(256)),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80, size: "max" }), (steps) => {
        const { members, policy } = start(1, 256, 3, 3, 40, 1);
        for (const { what, who, amount } of steps) {
          const name = `m${who}`;
          if (what === "join") members.join(name);
          else if (what === "leave") members.leave(name);
          else if (what === "weigh") members.weigh(name, Math.max(1, amount));
          else if (what === "load") members.load(name, amount);
          else {
            const avoid = what === "avoid" ? new Set([members.get(name)]) : nobody;
            const key = amount === 0 ? undefined : `k${amount}`;
            const picked = policy.pick({ key }, avoid);
            const able = members.view.filter((member) => !avoid.has(member));
            if (able.length === 0) expect(picked).toBeUndefined();
            else expect(able).toContain(picked);
          }
        }
      }),
      { seed: 1, numRuns: 30 },
    );
  });
});
