import type { Clock } from "../../runtime/clock.ts";

const WINDOW_SECONDS = 10;
/** Retries that any window allows, or a pool with little traffic could never retry. */
const FLOOR = 3;

export interface RetryBudget {
  /** A request has come in. */
  request(): void;
  /** Asks for one retry, and counts it when it is granted. */
  takeRetry(percent: number): boolean;
}

/**
 * Bounds retries to a share of the requests, so that a failing pool is not drowned in them. The rule: over the last 10
 * seconds, in steps of one, retries may come to `percent` of the requests or to 3, whichever is more. It counts
 * retries begun, not those in progress as Envoy does: refusals end within a millisecond and would never be in progress
 * together.
 */
export function createRetryBudget(clock: Clock): RetryBudget {
  const requests = createWindow();
  const retries = createWindow();
  const second = () => Math.floor(clock.now() / 1000);
  return {
    request: () => requests.add(second()),
    takeRetry(percent) {
      const now = second();
      const allowed = Math.max(FLOOR, (requests.sum(now) * percent) / 100);
      if (retries.sum(now) + 1 > allowed) return false;
      retries.add(now);
      return true;
    },
  };
}

function createWindow() {
  const counts = Array.from({ length: WINDOW_SECONDS }, () => 0);
  let latest = 0;
  let total = 0;

  function moveTo(second: number) {
    if (second === latest) return;
    // After a long silence one round empties every slot.
    for (let skipped = Math.min(second - latest, WINDOW_SECONDS); skipped > 0; skipped--) {
      const slot = (second - skipped + 1) % WINDOW_SECONDS;
      total -= counts[slot] ?? 0;
      counts[slot] = 0;
    }
    latest = Math.max(latest, second);
  }

  return {
    add(second: number) {
      moveTo(second);
      const slot = second % WINDOW_SECONDS;
      counts[slot] = (counts[slot] ?? 0) + 1;
      total += 1;
    },
    sum(second: number) {
      moveTo(second);
      return total;
    },
  };
}
