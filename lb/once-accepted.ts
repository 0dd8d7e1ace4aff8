import type { Clock } from "../runtime/clock.ts";

/** How often it is looked for more when there is ever more. */
const MAX_TURNS = 200;

/** A turn of the loop in which there was little else to do. */
const QUIET_TURN_MS = 0.5;

/**
 * Runs `run` once the system has made no connections that this process has not been told of: these would be reset with
 * the listening socket. `accepted` counts those that it has been told of. By the loop's own turns, not by time: in each
 * of them the system is asked once.
 */
export function onceAllAreAccepted(clock: Clock, accepted: () => number, run: () => void, turn = 1): void {
  const [before, began] = [accepted(), clock.now()];
  setImmediate(() => {
    // The first turn had asked before it began; in a long one, more may have come since it did.
    const quiet = turn > 1 && accepted() === before && clock.now() - began < QUIET_TURN_MS;
    if (quiet || turn === MAX_TURNS) run();
    else onceAllAreAccepted(clock, accepted, run, turn + 1);
  });
}
