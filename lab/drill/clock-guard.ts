import type { Clock } from "../../runtime/clock.ts";
import { DrillStopped } from "./stop-cause.ts";

/** More than a clock is slewed by in a drill, and less than a window can hide. */
const ALLOWED_MS = 2000;

export interface ClockGuard {
  /** Throws DRILL_VOID when the wall clock, by which windows are timed, has jumped against the monotonic one. */
  assertSteady(): void;
}

/** Counts from its creation. A machine that slept looks the same: its monotonic clock stood still. */
export function createClockGuard(clock: Clock): ClockGuard {
  const apart = (): number => clock.wall() - clock.now();
  const start = apart();
  return {
    assertSteady() {
      const jumped = apart() - start;
      if (Math.abs(jumped) <= ALLOWED_MS) return;
      const seconds = (Math.abs(jumped) / 1000).toFixed(1);
      throw new DrillStopped(
        "DRILL_VOID",
        "instruments",
        `the clock was moved ${jumped > 0 ? "forwards" : "back"} by ${seconds} s, or the machine slept: nothing can be said of times`,
      );
    },
  };
}
