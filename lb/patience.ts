import type { Cancel, Clock } from "../runtime/clock.ts";

/** One wait at a time, with an end that progress puts off. What happens when it is over is told once, at its making. */
export interface Patience {
  /** Waits `ms` milliseconds from now. Replaces the wait before. */
  start(ms: number): void;
  /** Something has moved: the wait begins anew. */
  renew(): void;
  stop(): void;
}

/**
 * A timer of the core. To renew it only notes the time, since that happens with every piece of a body; a timer that
 * fires too early for that waits out the rest. So does one that was set for an earlier and shorter wait.
 */
export function createPatience(clock: Clock, expired: () => void): Patience {
  let cancel: Cancel | undefined;
  let firesAt = 0;
  let since = 0;
  let limitMs = 0;

  function stop() {
    cancel?.();
    cancel = undefined;
  }

  function arm(ms: number) {
    firesAt = clock.now() + ms;
    cancel = clock.after(ms, fire);
  }

  function fire() {
    cancel = undefined;
    const rest = since + limitMs - clock.now();
    if (rest > 0) arm(rest);
    else expired();
  }

  return {
    start(ms) {
      since = clock.now();
      limitMs = ms;
      if (cancel !== undefined && firesAt <= since + ms) return;
      stop();
      arm(ms);
    },
    renew() {
      since = clock.now();
    },
    stop,
  };
}
