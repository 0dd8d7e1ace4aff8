import type { Clock } from "../../runtime/clock.ts";

export interface CountedClock extends Clock {
  /** Timers that have neither fired nor been cancelled. */
  readonly pending: number;
}

/** A run sets tens of thousands at most: more come of a loop that has no end. */
const MOST_TIMERS = 1_000_000;

/** A clock that counts pending timers. Throws when something sets timers for ever. */
export function createCountedClock(clock: Clock): CountedClock {
  let pending = 0;
  let set = 0;
  return {
    now: () => clock.now(),
    wall: () => clock.wall(),
    after(ms, run) {
      if (++set > MOST_TIMERS) throw new Error(`${MOST_TIMERS} timers were set: something goes on for ever`);
      let waits = true;
      pending += 1;
      const over = (): void => {
        if (waits) pending -= 1;
        waits = false;
      };
      const cancel = clock.after(ms, () => {
        over();
        run();
      });
      return () => {
        over();
        cancel();
      };
    },
    get pending() {
      return pending;
    },
  };
}
