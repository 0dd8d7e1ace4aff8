import type { Cancel, Clock } from "../../runtime/clock.ts";
import type { Random } from "../../runtime/random.ts";

/** Share by which the pause between two visits varies either way. */
const JITTER = 0.2;
/** The longest pause against the mean one. */
export const LONGEST_PAUSE = 1 + JITTER;
/** Standard deviation of that pause against its mean: it is spread evenly. */
export const PAUSE_VARIATION = JITTER / Math.sqrt(3);

/**
 * Calls `visit` for ever, every `everyMs` on average, after pauses that vary by 20 %. The first visit is timed as if the user
 * had been visiting all along, so that many users together keep to their rate from the beginning on. Each pause is counted
 * from when the visit was due, so that lateness never adds up.
 */
export function scheduleVisits(
  everyMs: number,
  deps: { readonly clock: Clock; readonly random: Random },
  visit: () => void,
): Cancel {
  const { clock, random } = deps;
  let due = clock.now() + everyMs * restOfPause(random.next());
  let cancel = clock.after(due - clock.now(), turn);
  return () => cancel();

  function turn() {
    const now = clock.now();
    // After the process was held up, missed visits are skipped: the prober would make a burst of its own.
    do due += everyMs * (1 + JITTER * (2 * random.next() - 1));
    while (due <= now);
    cancel = clock.after(due - now, turn);
    visit();
  }
}

/** What is left of the current pause at a random moment, in mean pauses, by a number that is spread evenly in 0..1. */
const restOfPause = (chance: number): number =>
  chance < 1 - JITTER ? chance : 1 + JITTER - 2 * JITTER * Math.sqrt((1 - chance) / JITTER);
