import { describe, expect, it } from "vitest";
import { trySeed } from "./hunt.ts";

/** Each of these has found a bug once; the test of its repair describes it. */
const FOUND = {
  "a retry of a 5xx went to the upstream that the 5xx had just ejected": [141, 1075, 1131],
  "up to twenty turns were owed to upstreams that came back with little weight, or with others gone": [
    468, 477, 5558,
  ],
  "a connection was taken off the count of a backend that had left the configuration": [1432],
};

const FRESH = 80;
const FIRST = 500_000;

describe("what must always hold, whatever happens", () => {
  it.each(Object.entries(FOUND))("holds where it once did not: %s", async (_name, seeds) => {
    for (const seed of seeds) expect([seed, (await trySeed(seed)).findings]).toEqual([seed, []]);
  });

  it(`holds for ${FRESH} others`, async () => {
    for (let seed = FIRST; seed < FIRST + FRESH; seed++)
      expect([seed, (await trySeed(seed)).findings]).toEqual([seed, []]);
  });
});
