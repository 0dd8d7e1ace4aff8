import { sleep, type Clock } from "../../runtime/clock.ts";

/** Waits for a condition, and returns how many milliseconds that took; Infinity when it was not met in time. */
export async function until(
  clock: Clock,
  condition: () => boolean | Promise<boolean>,
  deadlineMs: number,
): Promise<number> {
  const began = clock.now();
  while (!(await condition())) {
    if (clock.now() - began > deadlineMs) return Infinity;
    await sleep(clock, 20);
  }
  return clock.now() - began;
}
