import { describe, expect, it } from "vitest";
import { create } from "../../../lb/policies/peak-ewma.ts";
import { seeded } from "../../../runtime/random.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { createMembers, nobody } from "./members.ts";

function start(weights: readonly number[] = [1, 1]) {
  const members = createMembers(weights);
  const clock = createManualClock();
  const options = { type: "peak-ewma", decayMs: 10_000 } as const;
  const policy = create(options, { random: seeded(3), clock, candidates: members.view });
  members.notify(policy);
  return {
    members,
    clock,
    learn: (who: number, durationMs: number, abandoned = false) =>
      policy.observe?.(members.get(`m${who}`), durationMs, abandoned),
    /** The share of picks that m0 gets while nothing ends. */
    share: () => {
      const picks = Array.from({ length: 2000 }, () => policy.pick({ key: undefined }, nobody)?.name);
      return picks.filter((name) => name === "m0").length / picks.length;
    },
  };
}

/** Of two draws from two: the better one is taken unless both draws fall on the other. */
const PREFERRED = 0.75;

describe("peak-ewma", () => {
  it("takes the faster of the two that it draws", () => {
    const { learn, share } = start();
    learn(0, 10);
    learn(1, 30);
    expect(share()).toBeCloseTo(PREFERRED, 1);
  });

  it("counts what is in flight against it, as often as it is slower", () => {
    const { learn, share, members } = start();
    learn(0, 10);
    learn(1, 30);
    members.load("m0", 2);
    members.load("m1", 1);
    expect(share()).toBeCloseTo(PREFERRED, 1);
    members.load("m0", 6);
    expect(share()).toBeCloseTo(1 - PREFERRED, 1);
  });

  it("believes one slow answer at once, and fast ones only little by little", () => {
    const { learn, share, clock } = start();
    learn(1, 50);
    for (let i = 0; i < 100; i++) learn(0, 10);
    learn(0, 100);
    expect(share()).toBeCloseTo(1 - PREFERRED, 1);
    for (let i = 0; i < 50; i++) {
      clock.advance(100);
      learn(0, 10);
      learn(1, 50);
    }
    // After half of the decay's time: 10 + (100 - 10) * exp(-0.5) = 65.
    expect(share()).toBeCloseTo(1 - PREFERRED, 1);
    for (let i = 0; i < 50; i++) {
      clock.advance(100);
      learn(0, 10);
      learn(1, 50);
    }
    expect(share()).toBeCloseTo(PREFERRED, 1);
  });

  it("forgives with time where nothing is sent", () => {
    const { learn, share, clock } = start();
    learn(0, 1000);
    for (let i = 0; i < 30; i++) {
      clock.advance(1000);
      learn(1, 100);
    }
    expect(share()).toBeCloseTo(PREFERRED, 1);
  });

  it("sends one request where it knows nothing, and no second one before that is answered", () => {
    const { learn, share, members } = start();
    learn(1, 10);
    expect(share()).toBeCloseTo(PREFERRED, 1);
    members.load("m0", 1);
    members.load("m1", 500);
    expect(share()).toBeCloseTo(1 - PREFERRED, 1);
  });

  it("learns from a client that gave up only that it would have taken longer", () => {
    const { learn, share, clock } = start();
    learn(0, 20);
    learn(1, 10);
    clock.advance(1);
    learn(0, 1, true);
    expect(share()).toBeCloseTo(1 - PREFERRED, 1);
    learn(1, 500, true);
    expect(share()).toBeCloseTo(PREFERRED, 1);
  });

  it("takes a failure for as fast as it was", () => {
    const { learn, share } = start();
    learn(0, 1);
    learn(1, 50);
    expect(share()).toBeCloseTo(PREFERRED, 1);
  });

  it("keeps what it knows of one that is away for a while", () => {
    const { learn, share, members } = start();
    learn(0, 10);
    learn(1, 30);
    members.leave("m0");
    expect(share()).toBe(0);
    members.join("m0");
    expect(share()).toBeCloseTo(PREFERRED, 1);
  });
});
