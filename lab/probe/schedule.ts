import type { Cancel, Clock } from "../../runtime/clock.ts";
import type { Random } from "../../runtime/random.ts";

/** Share by which the pause between two visits varies either way. */
const JITTER = 0.2;

/**
 * Calls `visit` for ever, every `everyMs` on average: the first time at a random point of the first period, then after
 * pauses that vary by 20 %. Each pause is counted from when the visit was due, so that lateness never adds up.
 */
export function scheduleVisits(
  everyMs: number,
  deps: { readonly clock: Clock; readonly random: Random },
  visit: () => void,
): Cancel {
  const { clock, random } = deps;
  let due = clock.now() + random.next() * everyMs;
  let cancel = clock.after(due - clock.now(), turn);
  return () => cancel();

  function turn() {
    const now = clock.now();
    // After the process was held up, what was missed stays missed: a burst would be our own doing.
    do due += everyMs * (1 + JITTER * (2 * random.next() - 1));
    while (due <= now);
    cancel = clock.after(due - now, turn);
    visit();
  }
}
