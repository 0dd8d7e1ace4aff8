/** Stops a timer that has not fired yet; calling it again does nothing. */
export type Cancel = () => void;

/**
 * The only source of time. Everything that waits or measures takes one, so that the same code runs on the
 * wall clock and in virtual time.
 */
export interface Clock {
  /** Monotonic milliseconds, fractional, from an arbitrary start. For durations. */
  now(): number;
  /** Milliseconds since the Unix epoch. For records that people read. */
  wall(): number;
  /** Runs `run` once, `ms` milliseconds from now (0 or less: as soon as the loop is free). */
  after(ms: number, run: () => void): Cancel;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/**
 * Runs `run` every `ms` milliseconds without drifting: each turn is aimed at its own point of the grid, which `run` gets
 * as a reading of `now()`; the timer may be late.
 */
export function every(clock: Clock, ms: number, run: (aimedAt: number) => void): Cancel {
  let due = clock.now() + ms;
  let cancel = clock.after(ms, turn);
  function turn() {
    // A loop that was blocked past whole turns skips them instead of firing a burst.
    const now = clock.now();
    let aimedAt = due;
    for (due += ms; due <= now; due += ms) aimedAt = due;
    cancel = clock.after(due - now, turn);
    run(aimedAt);
  }
  return () => cancel();
}

/** A promise for code outside the balancer's core, which itself stays free of promises. Rejects when aborted. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    function onAbort() {
      cancel();
      reject(signal?.reason as Error);
    }
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
