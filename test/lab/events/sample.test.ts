import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createStratifiedSample, type Weighted } from "../../../lab/events/sample.ts";
import { seeded } from "../../../runtime/random.ts";

interface Item {
  readonly fine: string;
  readonly coarse: string;
  readonly serial: number;
}

const SIZE = 50;

function sampled(counts: Readonly<Record<string, number>>, seed = 1): readonly Weighted<Item>[] {
  const sample = createStratifiedSample<Item>(SIZE, seeded(seed));
  let serial = 0;
  for (const [fine, count] of Object.entries(counts))
    for (let i = 0; i < count; i++) {
      const coarse = fine.slice(0, 1);
      sample.add([fine, coarse], { fine, coarse, serial: serial++ });
    }
  return sample.take();
}

const weightsBy = (sample: readonly Weighted<Item>[], by: "fine" | "coarse"): Record<string, number> => {
  const sums: Record<string, number> = {};
  for (const { item, weight } of sample) sums[item[by]] = (sums[item[by]] ?? 0) + weight;
  return sums;
};

describe("a stratified sample", () => {
  it("is all there is, each for itself, while that is little", () => {
    const sample = sampled({ a: 30, b: 20 });
    expect(sample).toHaveLength(50);
    expect(sample.every(({ weight }) => weight === 1)).toBe(true);
    expect(new Set(sample.map(({ item }) => item.serial)).size).toBe(50);
  });

  it("has one of the rarest, and of the others in proportion", () => {
    const sample = sampled({ a: 100_000, b: 1, c: 50_000 });
    const taken = (fine: string) => sample.filter(({ item }) => item.fine === fine).length;
    expect([taken("a"), taken("b"), taken("c")]).toEqual([33, 1, 16]);
    expect(weightsBy(sample, "fine")).toEqual({ a: 100_000, b: 1, c: 50_000 });
  });

  it("never has more than it may, has every stratum, none twice, and whole weights that add up to the counts", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: SIZE }),
        fc.integer(),
        (list, seed) => {
          const counts = Object.fromEntries(list.map((count, i) => [`s${i}`, count]));
          const sample = sampled(counts, seed);
          expect(sample.length).toBeLessThanOrEqual(SIZE);
          expect(sample.every(({ weight }) => Number.isInteger(weight) && weight >= 1)).toBe(true);
          expect(new Set(sample.map(({ item }) => item.serial)).size).toBe(sample.length);
          expect(weightsBy(sample, "fine")).toEqual(counts);
        },
      ),
    );
  });

  it("is divided more coarsely where there are more strata than places", () => {
    const counts = Object.fromEntries(
      Array.from({ length: 120 }, (_, i) => [`${i % 2 === 0 ? "a" : "b"}${i}`, 1 + (i % 7)]),
    );
    const sample = sampled(counts);
    const coarse = { a: 0, b: 0 };
    for (const [name, count] of Object.entries(counts)) coarse[name.startsWith("a") ? "a" : "b"] += count;
    expect(sample).toHaveLength(SIZE);
    expect(weightsBy(sample, "coarse")).toEqual(coarse);
  });

  it("takes each item of a stratum with the same chance", () => {
    const times = Array.from({ length: 200 }, () => 0);
    for (let seed = 0; seed < 2000; seed++)
      for (const { item } of sampled({ a: 200 }, seed)) times[item.serial] = (times[item.serial] ?? 0) + 1;
    // 500 expected each, with a deviation of 19.4.
    expect(Math.min(...times)).toBeGreaterThan(400);
    expect(Math.max(...times)).toBeLessThan(600);
  });

  it("begins anew when it was taken", () => {
    const sample = createStratifiedSample<Item>(SIZE, seeded(1));
    sample.add(["a", "a"], { fine: "a", coarse: "a", serial: 1 });
    expect(sample.take()).toHaveLength(1);
    expect(sample.take()).toEqual([]);
  });

  it("is the same for the same seed", () => {
    expect(sampled({ a: 500, b: 90 }, 7)).toEqual(sampled({ a: 500, b: 90 }, 7));
  });
});
