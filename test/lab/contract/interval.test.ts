import { describe, expect, it } from "vitest";
import { exactInterval } from "../../../lab/contract/interval.ts";

const rounded = (events: number, trials: number): [number, number] => {
  const { low, high } = exactInterval(events, trials);
  return [Number(low.toFixed(5)), Number(high.toFixed(5))];
};

describe("the exact interval", () => {
  it("is the one of the tables", () => {
    // Fisher and Yates, as every statistics package gives them.
    expect(rounded(0, 10)).toEqual([0, 0.3085]);
    expect(rounded(1, 20)).toEqual([0.00127, 0.24873]);
    expect(rounded(5, 10)).toEqual([0.18709, 0.81291]);
    expect(rounded(10, 10)).toEqual([0.6915, 1]);
  });

  it("of none in n ends near three by n", () => {
    expect(exactInterval(0, 1000).high).toBeCloseTo(1 - 0.025 ** (1 / 1000), 10);
    expect(exactInterval(0, 100_000).high).toBeCloseTo(3.689e-5, 7);
  });

  it("is everything without trials, and mirrors itself", () => {
    expect(exactInterval(0, 0)).toEqual({ low: 0, high: 1 });
    const [some, others] = [exactInterval(3, 50), exactInterval(47, 50)];
    expect(some.low).toBeCloseTo(1 - others.high, 12);
    expect(some.high).toBeCloseTo(1 - others.low, 12);
  });
});
