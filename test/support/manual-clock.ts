import type { Clock } from "../../runtime/clock.ts";

export interface ManualClock extends Clock {
  /** Moves time on, firing what falls due in order of its time, then of its creation. */
  advance(ms: number): void;
  /** Time goes on while the event loop is blocked: what fell due meanwhile fires late, with the next `advance`. */
  stall(ms: number): void;
  /** Sets the wall clock. */
  jump(ms: number): void;
  /** Timers that have not fired. */
  readonly pending: number;
}

export function createManualClock(epoch = Date.UTC(2026, 0, 1)): ManualClock {
  let now = 0;
  let serial = 0;
  let jumped = 0;
  const timers = new Map<number, { due: number; run: () => void }>();
  return {
    now: () => now,
    wall: () => epoch + now + jumped,
    after(ms, run) {
      const id = serial++;
      timers.set(id, { due: now + Math.max(0, ms), run });
      return () => void timers.delete(id);
    },
    advance(ms) {
      const end = now + ms;
      for (;;) {
        let next: [number, { due: number; run: () => void }] | undefined;
        for (const entry of timers)
          if (entry[1].due <= end && (!next || entry[1].due < next[1].due)) next = entry;
        if (!next) break;
        timers.delete(next[0]);
        now = Math.max(now, next[1].due);
        next[1].run();
      }
      now = end;
    },
    stall: (ms) => void (now += ms),
    jump: (ms) => void (jumped += ms),
    get pending() {
      return timers.size;
    },
  };
}
