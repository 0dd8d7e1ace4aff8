import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rule as slowStartWithoutEffect } from "../../../lb/config/lint/rules/slow-start-without-effect.ts";
import { balancerConfig } from "../../../lb/config/schema.ts";
import { createPolicy, POLICIES, POLICY_TYPES, type PolicyType } from "../../../lb/policies/index.ts";
import { seeded } from "../../../runtime/random.ts";
import { createBench, poolOf } from "../../support/balancer-bench.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { POLICY_SAMPLES } from "../../support/policy-samples.ts";
import { chiSquareRatio, createDrive } from "./drive.ts";
import { createMembers, nobody } from "./members.ts";

/** What of the contract a policy does otherwise, and why. */
interface Exceptions {
  /** Instead of shares by weight. */
  readonly shares?: "all to the first" | { readonly within: number };
  /** Keys of others that may move when one of five leaves. */
  readonly movesRatio?: number;
  readonly reason: string;
}

const CONTRACTS: Record<PolicyType, { readonly except?: Exceptions }> = {
  "round-robin": {},
  random: {},
  "random-two": {},
  "least-connections": {},
  "peak-ewma": {
    except: {
      shares: { within: 0.35 },
      reason:
        "it counts the request to come, which is a large part of what a small weight may have in flight",
    },
  },
  "ring-hash": {
    except: { shares: { within: 0.2 }, reason: "the arcs of a ring differ: 160 points for a weight of 1" },
  },
  maglev: {
    except: { movesRatio: 0.03, reason: "the others take turns anew, so that shares stay even" },
  },
  first: { except: { shares: "all to the first", reason: "it fills one before the next" } },
};

it.each(POLICY_TYPES)(
  "the table's line %s has the policy of that type, from the file of that name",
  (type) => {
    expect(POLICIES[type].options.shape.type.value).toBe(type);
    const table = readFileSync(new URL("../../../lb/policies/index.ts", import.meta.url), "utf8");
    expect(table).toContain(` from "./${type}.ts"`);
  },
);

it.each(POLICY_TYPES)("README's configuration names the policy %s", (type) => {
  const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");
  const [line = ""] = /^ *policy: \{ type: .*$/m.exec(readme) ?? [];
  expect(line.split(/[^\w-]+/)).toContain(type);
});

it.each(POLICY_SAMPLES)("lint knows whether a slow start has an effect with $type", (policy) => {
  const config = balancerConfig.parse({
    listeners: [{ name: "http", bind: "127.0.0.1:8080", routes: [{ path: "/", pool: "web" }] }],
    pools: { web: poolOf(1, { policy, slowStartMs: 1000 }) },
  });
  const found = slowStartWithoutEffect.find({ config, certificates: [], answers: [], now: 0 });
  const { pins } = createPolicy(policy, { random: seeded(1), clock: createManualClock(), candidates: [] });
  expect(found.length > 0).toBe(pins || CONTRACTS[policy.type].except?.shares === "all to the first");
});

describe.each(POLICY_SAMPLES)("the policy $type", (options) => {
  const { except } = CONTRACTS[options.type];

  function start(weights: readonly number[], seed = 7) {
    const members = createMembers(weights);
    const drive = createDrive(members, (clock) =>
      createPolicy(options, { random: seeded(seed), clock, candidates: members.view }),
    );
    return { members, ...drive };
  }

  describe("picks", () => {
    it("nobody from an empty view, also when all have left", () => {
      const { members, policy } = start([1, 1]);
      expect(policy.pick({ key: "k" }, nobody)).toBeDefined();
      members.leave("m0");
      members.leave("m1");
      expect(policy.pick({ key: "k" }, nobody)).toBeUndefined();
      expect(policy.pick({ key: undefined }, nobody)).toBeUndefined();
      expect(start([]).policy.pick({ key: "k" }, nobody)).toBeUndefined();
    });

    it("the only candidate, with and without a key, whatever its load", () => {
      const { members, policy, run } = start([256]);
      expect(policy.pick({ key: "k" }, nobody)).toBe(members.get("m0"));
      expect(policy.pick({ key: undefined }, nobody)).toBe(members.get("m0"));
      expect(run({ count: 100, takesMs: 1000 })).toEqual([100]);
    });

    it("never one that was tried, and nobody when all were", () => {
      const { members, policy, run } = start([1, 256, 1, 3]);
      run({ count: 50, takesMs: 500 });
      for (const names of [["m1"], ["m0", "m2"], ["m0", "m1", "m2"], ["m3", "m1"]]) {
        const tried = new Set(names.map((name) => members.get(name)));
        for (let i = 0; i < 100; i++) {
          for (const key of [`user-${i}`, undefined]) {
            const picked = policy.pick({ key }, tried);
            expect(picked).toBeDefined();
            expect(names).not.toContain(picked?.name);
          }
        }
      }
      const all = new Set(members.all);
      expect(policy.pick({ key: "k" }, all)).toBeUndefined();
      expect(policy.pick({ key: undefined }, all)).toBeUndefined();
    });

    it("as if nobody had been tried once a retry is over", () => {
      const [one, other] = [start([1, 2, 3]), start([1, 2, 3])];
      one.policy.pick({ key: "k" }, new Set(one.members.all));
      expect(one.run({ count: 300 })).toEqual(other.run({ count: 300 }));
    });

    it("the same again under the same seed", () => {
      expect(start([1, 2, 3]).run({ count: 300 })).toEqual(start([1, 2, 3]).run({ count: 300 }));
    });

    it("those that were there before it", () => {
      const { view } = createMembers([1, 1, 1]);
      const policy = createPolicy(options, {
        random: seeded(7),
        clock: createManualClock(),
        candidates: view,
      });
      expect(view).toContain(policy.pick({ key: "k" }, nobody));
    });
  });

  describe("while upstreams come and go", () => {
    const everyOrder = permutations(["m0", "m1", "m2", "m3"]);
    const expected = (present: readonly string[]) =>
      except?.shares === "all to the first" ? [...present].sort().slice(0, 1) : [...present].sort();
    const reached = ({ members, run }: ReturnType<typeof start>) =>
      run({ count: 120 }).flatMap((count, i) => (count > 0 ? (members.all[i]?.name ?? []) : []));

    it("reaches exactly those that are there, in every order of leaving and of coming back", () => {
      for (const order of everyOrder) {
        const setup = start([1, 2, 1, 2]);
        const present = new Set(order);
        for (const name of order) {
          setup.members.leave(name);
          present.delete(name);
          expect(reached(setup)).toEqual(expected([...present]));
        }
        for (const name of order) {
          setup.members.join(name);
          present.add(name);
          expect(reached(setup)).toEqual(expected([...present]));
        }
      }
    });

    it("picks only from the view, whatever joins, leaves, is loaded, weighed anew or learnt, in whatever order", () => {
      const step = fc.record({
        what: fc.constantFrom("join", "leave", "weigh", "load", "learn", "pick", "pick", "avoid"),
        who: fc.nat(5),
        amount: fc.oneof(fc.nat(4), fc.constant(256), fc.double({ min: 0.05, max: 1, noNaN: true })),
      });
      fc.assert(
        fc.property(fc.array(step, { maxLength: 80, size: "max" }), (steps) => {
          const { members, policy } = start([1, 256, 3, 3, 40, 1]);
          for (const { what, who, amount } of steps) {
            const name = `m${who}`;
            if (what === "join") members.join(name);
            else if (what === "leave") members.leave(name);
            else if (what === "weigh")
              members.weigh(name, options.type === "ring-hash" ? Math.ceil(amount) || 1 : amount || 1);
            else if (what === "load") members.load(name, Math.floor(amount));
            else if (what === "learn") policy.observe?.(members.get(name), amount * 10, amount === 1);
            else {
              const avoid = what === "avoid" ? new Set([members.get(name)]) : nobody;
              const picked = policy.pick({ key: amount === 0 ? undefined : `k${amount}` }, avoid);
              const able = members.view.filter((member) => !avoid.has(member));
              if (able.length === 0) expect(picked).toBeUndefined();
              else expect(able).toContain(picked);
            }
          }
        }),
        { seed: 1, numRuns: 30 },
      );
    });

    it("serves ten thousand, and the last of them when all others are gone", () => {
      const { members, policy, run } = start(
        Array.from({ length: 10_000 }, (_, i) => (i % 10 === 0 ? 256 : 1)),
      );
      expect(run({ count: 500 }).reduce((sum, count) => sum + count, 0)).toBe(500);
      members.leaveAllBut("m7777");
      for (const key of ["a", "b", undefined]) expect(policy.pick({ key }, nobody)?.name).toBe("m7777");
    });
  });

  describe("shares requests out by weight", () => {
    const tables = {
      equal: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
      skewed: [35, 12, 1, 1, 1],
      extreme: [256, 1, 128],
    };
    const { shares } = except ?? {};

    it.each(Object.entries(tables))("with %s weights", (_name, weights) => {
      const count = 20_000;
      // Enough in flight for the smallest weight to have its part of it.
      const takesMs = 4 * weights.reduce((sum, weight) => sum + weight, 0);
      for (const seed of [1, 2]) {
        const counts = start(weights, seed).run({ count, takesMs });
        if (shares === "all to the first") expect(counts[0]).toBe(count);
        else if (shares) {
          const sum = weights.reduce((total, weight) => total + weight, 0);
          counts.forEach((got, i) => {
            const share = (weights[i] ?? 0) / sum;
            expect(Math.abs(got / count - share)).toBeLessThan(shares.within * share + 0.003);
          });
        } else expect(chiSquareRatio(counts, weights)).toBeLessThan(1);
      }
    });

    it("or not at all with a weight of 0, and again once it has one", () => {
      const pool = poolOf(3, { policy: options });
      pool.upstreams.forEach((upstream, i) => Object.assign(upstream, { weight: [256, 0, 1][i] }));
      const bench = createBench({ web: pool });
      bench.transport.onSend = (attempt) => attempt.answer(200);
      const portsOf = (count: number) => {
        const before = bench.transport.attempts.length;
        for (let i = 0; i < count; i++) bench.request({ headers: ["Cookie", `user=${i}`] });
        return new Set(bench.transport.attempts.slice(before).map(({ port }) => port));
      };
      expect(portsOf(500)).not.toContain(2);
      bench.balancer.setWeight("u2", 256);
      bench.balancer.setWeight("u1", 0);
      expect(portsOf(500)).toContain(2);
      expect(portsOf(500)).not.toContain(1);
      bench.balancer.setWeight("u2", 0);
      expect(portsOf(50)).toEqual(new Set([3]));
    });
  });

  if (!start([1]).policy.pins) return;
  describe("sends the same key to the same upstream", () => {
    const users = Array.from({ length: 5000 }, (_, i) => `user-${i}`);
    const placesOf = ({ policy }: ReturnType<typeof start>) =>
      users.map((key) => policy.pick({ key }, nobody)?.name);

    it("after a restart, whatever the seed, the load and the order of the configuration", () => {
      const setup = start([1, 2, 1, 1]);
      const before = placesOf(setup);
      setup.run({ count: 100, takesMs: 5000 });
      expect(placesOf(setup)).toEqual(before);
      const other = start([1, 2, 1, 1], 99);
      other.members.view.reverse();
      expect(placesOf(other)).toEqual(before);
    });

    it("when another leaves, but for few keys of the others, and as before when it returns", () => {
      for (const gone of ["m0", "m1", "m2", "m3", "m4"]) {
        const setup = start([1, 1, 1, 1, 1]);
        const before = placesOf(setup);
        setup.members.leave(gone);
        const without = placesOf(setup);
        expect(without).not.toContain(gone);
        const moved = without.filter((name, i) => before[i] !== gone && before[i] !== name);
        expect(moved.length / users.length).toBeLessThanOrEqual(except?.movesRatio ?? 0);
        setup.members.join(gone);
        expect(placesOf(setup)).toEqual(before);
      }
    });

    it("when others leave and return in any order", () => {
      const before = placesOf(start([1, 1, 1, 1]));
      for (const order of permutations(["m0", "m1", "m2", "m3"])) {
        const setup = start([1, 1, 1, 1]);
        for (const name of order.slice(0, 3)) setup.members.leave(name);
        expect(new Set(placesOf(setup))).toEqual(new Set(order.slice(3)));
        for (const name of order.slice(0, 3)) setup.members.join(name);
        expect(placesOf(setup)).toEqual(before);
      }
    });
  });
});

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, i) =>
    permutations([...items.slice(0, i), ...items.slice(i + 1)]).map((rest) => [item, ...rest]),
  );
}
