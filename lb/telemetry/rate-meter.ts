import type { Clock } from "../../runtime/clock.ts";

/** Counts events, and how many come in a second. */
export interface RateMeter {
  count(): void;
  read(): { readonly total: number; readonly rate: number; readonly rateMax: number };
}

/** `rate` is that of the last whole second. */
export function createRateMeter(clock: Pick<Clock, "now">): RateMeter {
  let [total, rateMax] = [0, 0];
  let second = Math.floor(clock.now() / 1000);
  let [now, before] = [0, 0];

  function turn(): void {
    const current = Math.floor(clock.now() / 1000);
    if (current === second) return;
    before = current === second + 1 ? now : 0;
    now = 0;
    second = current;
  }
  return {
    count() {
      turn();
      total += 1;
      now += 1;
      rateMax = Math.max(rateMax, now);
    },
    read() {
      turn();
      return { total, rate: before, rateMax };
    },
  };
}
