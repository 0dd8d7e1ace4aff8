import type { Cancel, Clock } from "../runtime/clock.ts";

/** One wait at a time, with an end that progress puts off. */
export interface Patience {
  /** Waits `ms` milliseconds from now, then runs `expired`. Replaces the wait before. */
  start(ms: number, expired: () => void): void;
  /** Something has moved: the wait begins anew. */
  renew(): void;
  stop(): void;
}

/**
 * A timer of the core. To renew it only notes the time, since that happens with every piece of a body; a timer that
 * fires too early for that waits out the rest.
 */
export function createPatience(clock: Clock): Patience {
  let cancel: Cancel | undefined;
  let since = 0;

  function stop() {
    cancel?.();
    cancel = undefined;
  }

  return {
    start(ms, expired) {
      stop();
      since = clock.now();
      const fire = () => {
        const rest = since + ms - clock.now();
        if (rest > 0) {
          cancel = clock.after(rest, fire);
          return;
        }
        cancel = undefined;
        expired();
      };
      cancel = clock.after(ms, fire);
    },
    renew() {
      since = clock.now();
    },
    stop,
  };
}
