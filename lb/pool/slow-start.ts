import type { Cancel, Clock } from "../../runtime/clock.ts";
import type { Upstream } from "./upstream.ts";

/** Gives upstreams that have come back a growing part of their weight. */
export interface SlowStart {
  /** How long from here on a slow start takes; 0: there is none, and those under way end. */
  configure(slowStartMs: number): void;
  /** It has come UP. */
  begin(upstream: Upstream): void;
  /** It is no longer UP, or has left: its weight is whole again when it is next looked at. */
  end(upstream: Upstream): void;
  stop(): void;
}

/** Weights change in so many steps, for all upstreams at once, since each change costs the policy work. */
const STEPS = 20;

/**
 * Linear in time, as HAProxy's: from a twentieth of the weight at once to all of it after `slowStartMs`. `setRatio` sets an
 * upstream's ratio, 0..1.
 */
export function createSlowStart(
  clock: Clock,
  setRatio: (upstream: Upstream, ratio: number) => void,
): SlowStart {
  const since = new Map<Upstream, number>();
  let totalMs = 0;
  let stopTimer: Cancel | undefined;

  function stop() {
    stopTimer?.();
    stopTimer = undefined;
  }

  function step() {
    stopTimer = undefined;
    const now = clock.now();
    for (const [upstream, began] of since) {
      // Rounded to whole steps, lest fractions of a millisecond keep one a hair below its full weight.
      const ratio = Math.max(1, Math.round(((now - began) / totalMs) * STEPS)) / STEPS;
      if (ratio >= 1) since.delete(upstream);
      setRatio(upstream, Math.min(1, ratio));
    }
    schedule();
  }

  function schedule() {
    if (since.size > 0) stopTimer ??= clock.after(totalMs / STEPS, step);
  }

  return {
    configure(slowStartMs) {
      if (slowStartMs === totalMs) return;
      totalMs = slowStartMs;
      stop();
      if (totalMs > 0) return step();
      for (const upstream of since.keys()) setRatio(upstream, 1);
      since.clear();
    },
    begin(upstream) {
      if (totalMs === 0) return;
      since.set(upstream, clock.now());
      setRatio(upstream, 1 / STEPS);
      schedule();
    },
    end(upstream) {
      if (!since.delete(upstream)) return;
      setRatio(upstream, 1);
      if (since.size === 0) stop();
    },
    stop,
  };
}
