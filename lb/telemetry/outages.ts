import type { Clock } from "../../runtime/clock.ts";

/** How often and for how long a thing was not there. It is there at first. */
export interface Outages {
  update(up: boolean): void;
  /** Times that it went, milliseconds that it was away, and milliseconds since it last came or went. */
  read(): { readonly count: number; readonly totalMs: number; readonly changedMs: number };
}

export function createOutages(clock: Pick<Clock, "now">): Outages {
  let up = true;
  let since = clock.now();
  let [count, totalMs] = [0, 0];
  return {
    update(now) {
      if (now === up) return;
      const at = clock.now();
      if (now) totalMs += at - since;
      else count += 1;
      [up, since] = [now, at];
    },
    read() {
      const changedMs = clock.now() - since;
      return { count, totalMs: up ? totalMs : totalMs + changedMs, changedMs };
    },
  };
}
