import { sleep, type Clock } from "../../../../runtime/clock.ts";

const PAUSE_MS = 500;
const QUIET_TURNS = 3;
const TURNS = 60;

/**
 * Removes until nothing was found three times in a row: the engine may still be making a container for a client that has
 * gone. A failed removal is tried again. Returns how many were removed; throws the last failure when there was no end to it.
 */
export async function sweep(remove: () => Promise<number>, clock: Clock): Promise<number> {
  let removed = 0;
  let quiet = 0;
  let failure: unknown = new Error("new containers keep coming");
  for (let turn = 0; turn < TURNS; turn++) {
    try {
      const found = await remove();
      removed += found;
      quiet = found === 0 ? quiet + 1 : 0;
    } catch (error) {
      failure = error;
      quiet = 0;
    }
    if (quiet === QUIET_TURNS) return removed;
    await sleep(clock, PAUSE_MS);
  }
  throw failure;
}
