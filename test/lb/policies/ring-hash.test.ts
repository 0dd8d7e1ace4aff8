import { describe, expect, it } from "vitest";
import { create } from "../../../lb/policies/ring-hash.ts";
import { hash32, seeded } from "../../../runtime/random.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { createMembers, nobody } from "./members.ts";

const clock = createManualClock();

const users = Array.from({ length: 3000 }, (_, i) => `user-${i}`);

function start(weights: readonly number[], seed = 1, reversed = false) {
  const members = createMembers(weights);
  if (reversed) members.view.reverse();
  const options = { type: "ring-hash", key: "cookie:user" } as const;
  const policy = create(options, { random: seeded(seed), clock, candidates: members.view });
  members.notify(policy);
  const places = () => users.map((key) => policy.pick({ key }, nobody)?.name);
  return { members, policy, places };
}

describe("ring-hash", () => {
  it("sends a key to the same upstream again, after a restart, and whatever the order and the seed", () => {
    const before = start([1, 2, 1, 1]).places();
    expect(start([1, 2, 1, 1], 99, true).places()).toEqual(before);
  });

  it("moves only the keys of the one that leaves, and moves them back when it returns", () => {
    const { members, places } = start([1, 1, 1, 1, 1]);
    const before = places();
    members.leave("m2");
    const without = places();
    without.forEach((name, i) => {
      if (before[i] === "m2") expect(name).not.toBe("m2");
      else expect(name).toBe(before[i]);
    });
    members.join("m2");
    expect(places()).toEqual(before);
  });

  it("gives the keys of the one that leaves to the same others as a ring that never knew it", () => {
    const left = start([1, 1, 1, 1]);
    left.places();
    left.members.leave("m1");
    const fresh = createMembers([1, 1, 1, 1]);
    fresh.leave("m1");
    const options = { type: "ring-hash", key: "cookie:user" } as const;
    const policy = create(options, { random: seeded(1), clock, candidates: fresh.view });
    expect(left.places()).toEqual(users.map((key) => policy.pick({ key }, nobody)?.name));
  });

  it("takes from others only what goes to the newcomer", () => {
    const { members, places } = start([1, 1, 1, 1, 1]);
    members.leave("m4");
    const before = places();
    members.join("m4");
    const after = places();
    const moved = after.filter((name, i) => name !== before[i]);
    expect(new Set(moved)).toEqual(new Set(["m4"]));
    expect(moved.length / users.length).toBeGreaterThan(0.12);
    expect(moved.length / users.length).toBeLessThan(0.28);
  });

  it("notices a weight that changed while its upstream was away", () => {
    const { members, places } = start([1, 1]);
    places();
    members.leave("m0");
    members.weigh("m0", 9);
    members.join("m0");
    const share = places().filter((name) => name === "m0").length / users.length;
    expect(Math.abs(share - 0.9)).toBeLessThan(0.05);
  });

  it("goes clockwise to the next one for a request that avoids the first", () => {
    const { members, policy, places } = start([1, 1, 1]);
    const retried = users.map((key) => {
      const first = policy.pick({ key }, nobody);
      return first && policy.pick({ key }, new Set([first]))?.name;
    });
    const before = places();
    for (const gone of ["m0", "m1", "m2"]) {
      members.leave(gone);
      const without = places();
      before.forEach((name, i) => name === gone && expect(retried[i]).toBe(without[i]));
      members.join(gone);
    }
  });

  it("goes to the next of 160 points clockwise for each unit of weight, and from the last to the first", () => {
    const points = ["m0", "m1", "m2"]
      .flatMap((name, i) =>
        Array.from({ length: 160 * (i + 1) }, (_, point) => ({ name, at: hash32(`${name}#${point}`) })),
      )
      .sort((a, b) => a.at - b.at);
    const expected = users.map((key) => (points.find(({ at }) => at >= hash32(key)) ?? points[0])?.name);
    expect(start([1, 2, 3]).places()).toEqual(expected);
    const last = points.at(-1)?.at ?? 0;
    expect(users.some((key) => hash32(key) > last)).toBe(true);
  });

  it("keeps every key where it is while it drops the points of the many that are gone", () => {
    const weights = Array.from({ length: 50 }, () => 1);
    const { members, policy, places } = start(weights);
    for (let i = 2; i < 50; i++) members.leave(`m${i}`);
    const before = places();
    // Each of these passes some twenty points of the absent, of 8,000 on the ring.
    for (let i = 0; i < 5; i++) expect(places()).toEqual(before);
    members.join("m7");
    const after = places();
    expect(after.filter((name, i) => name !== before[i]).every((name) => name === "m7")).toBe(true);
    expect(after).toContain("m7");
    const fresh = start(weights);
    for (let i = 2; i < 50; i++) if (i !== 7) fresh.members.leave(`m${i}`);
    expect(fresh.places()).toEqual(after);
    members.leave("m0");
    members.leave("m1");
    for (let i = 0; i < 5; i++) expect(new Set(places())).toEqual(new Set(["m7"]));
    members.leave("m7");
    expect(policy.pick({ key: "k" }, nobody)).toBeUndefined();
  });

  it("stays bounded with 20,000 upstreams of the largest weight", () => {
    const { policy } = start(Array.from({ length: 20_000 }, () => 256));
    expect(policy.pick({ key: "k" }, nobody)).toBeDefined();
  });
});
