import type { Clock } from "../../runtime/clock.ts";

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 2000;

/**
 * What all connections know of the target's port. While it refuses, one of them at a time tries it, after pauses that
 * double up to two seconds; the others wait until it is let in.
 */
export interface ConnectBackOff {
  /** Whether a connection may be tried now. A yes at a door that refused is for the asker alone. */
  mayTry(): boolean;
  refused(): void;
  accepted(): void;
}

export function createConnectBackOff(clock: Clock): ConnectBackOff {
  let pauseMs = 0;
  let shutUntil = -Infinity;
  return {
    mayTry() {
      const now = clock.now();
      if (now < shutUntil) return false;
      shutUntil = now + pauseMs;
      return true;
    },
    refused() {
      pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs === 0 ? FIRST_PAUSE_MS : pauseMs * 2);
      shutUntil = clock.now() + pauseMs;
    },
    accepted() {
      pauseMs = 0;
      shutUntil = -Infinity;
    },
  };
}
