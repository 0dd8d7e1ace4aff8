import type { Clock } from "../../runtime/clock.ts";

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 2000;

/**
 * Shared by all connections to a target's port. While it refuses, one of them at a time tries it, after pauses that
 * double up to two seconds; the others wait until that one is accepted.
 */
export interface ConnectBackOff {
  /** Whether a connection may be tried now. While the port refuses, true is for one caller alone. */
  mayTry(): boolean;
  refused(): void;
  accepted(): void;
}

export function createConnectBackOff(clock: Clock): ConnectBackOff {
  let pauseMs = 0;
  let closedUntil = -Infinity;
  return {
    mayTry() {
      const now = clock.now();
      if (now < closedUntil) return false;
      closedUntil = now + pauseMs;
      return true;
    },
    refused() {
      pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs === 0 ? FIRST_PAUSE_MS : pauseMs * 2);
      closedUntil = clock.now() + pauseMs;
    },
    accepted() {
      pauseMs = 0;
      closedUntil = -Infinity;
    },
  };
}
