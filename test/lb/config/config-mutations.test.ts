import { expect, it } from "vitest";
import { mutate, RICH_CONFIG } from "../../fuzz/config-mutations.ts";
import { examineConfig } from "../../fuzz/examine-config.ts";
import { seeded } from "../../../runtime/random.ts";

/** `npm run bench:config` takes ten times as many, and holds each to its time. */
const COUNT = 2000;

it("what mutations begin with is good", () => {
  expect(examineConfig(RICH_CONFIG)).toEqual([]);
});

it("no mutated configuration is anything but taken, or refused with a place and a reason", () => {
  const random = seeded("mutations");
  let refused = 0;
  for (let i = 0; i < COUNT; i++) {
    const text = mutate(RICH_CONFIG, random);
    try {
      if (examineConfig(text).length > 0) refused += 1;
    } catch (error) {
      throw new Error(`mutation ${i} (${JSON.stringify(text.slice(0, 4000))})`, { cause: error });
    }
  }
  // Both must come up, or the mutations test nothing.
  expect(refused).toBeGreaterThan(COUNT / 2);
  expect(refused).toBeLessThan(COUNT);
});

it("no bytes are anything but text that is taken or refused", () => {
  const random = seeded("bytes");
  const bytes = Buffer.from(RICH_CONFIG);
  for (let i = 0; i < COUNT / 4; i++) {
    const spoilt = Buffer.from(bytes);
    for (let left = 1 + random.below(5); left > 0; left--)
      spoilt[random.below(spoilt.length)] = random.below(256);
    examineConfig(spoilt);
  }
});
