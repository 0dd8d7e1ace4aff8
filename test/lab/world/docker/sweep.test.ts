import { expect, it } from "vitest";
import { sweep } from "../../../../lab/world/docker/janitor/sweep.ts";
import { createManualClock } from "../../../support/manual-clock.ts";

/** Runs it to its end, whose pauses take no time. */
async function swept(turns: readonly (number | Error)[]): Promise<{ removed: number; listings: number }> {
  const clock = createManualClock();
  let listings = 0;
  const result = sweep(async () => {
    const found = turns[Math.min(listings, turns.length - 1)] ?? 0;
    listings += 1;
    if (found instanceof Error) throw found;
    return found;
  }, clock);
  const ended = new AbortController();
  const end = (): void => ended.abort();
  result.then(end, end);
  while (!ended.signal.aborted) {
    await new Promise(setImmediate);
    clock.advance(500);
  }
  return { removed: await result, listings };
}

it("goes on until nothing was found three times in a row: a client that died may have requested more", async () => {
  expect(await swept([11, 0, 1, 0, 0, 0])).toEqual({ removed: 12, listings: 6 });
});

it("tries again what failed", async () => {
  expect(await swept([new Error("a network in use"), 3, 0])).toEqual({ removed: 3, listings: 5 });
});

it("gives up with the reason where there is no end to it", async () => {
  await expect(swept([new Error("no engine")])).rejects.toThrow("no engine");
});
