import type { Clock } from "../../runtime/clock.ts";

/** If the wall clock is off by more than this, it was set, or the machine slept. */
const SET_MS = 500;

/**
 * The wall-clock times of turns that are aimed at readings of `now()`. Two turns one interval apart have times exactly one
 * interval apart, however late the timers are: as in Prometheus, whose evaluations lie on a grid.
 */
export function createEvaluationTimes(clock: Clock): (aimedAt: number) => number {
  let offset = clock.wall() - clock.now();
  return (aimedAt) => {
    const offsetNow = clock.wall() - clock.now();
    if (Math.abs(offsetNow - offset) > SET_MS) offset = offsetNow;
    return Math.round(offset + aimedAt);
  };
}
