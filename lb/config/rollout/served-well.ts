import { every, type Cancel, type Clock } from "../../../runtime/clock.ts";
import type { PoolView } from "../../balancer.ts";

/** The highest rate that each backend has served well since the process began. */
export interface ServedWell {
  /** Attempts a second at an upstream's `HOST:PORT`; undefined: it has served none. */
  rate(address: string): number | undefined;
  /** Takes what was served since the last look into account. */
  look(): void;
  stop: Cancel;
}

const LOOK_MS = 10_000;
/** Over less a rate says nothing. */
const SHORTEST_LOOK_MS = 1000;
/** Rates are smoothed over this time, lest the peaks of chance count as what is served well. */
const SMOOTH_MS = 30_000;
/** Failed attempts over all, up to which it serves well. */
const WELL_RATIO = 0.01;

interface Rate {
  requests: number;
  failures: number;
  smooth: number | undefined;
  best: number | undefined;
}

/** Reads the counters that upstreams keep anyway, every ten seconds. */
export function watchServedWell(clock: Clock, pools: () => readonly PoolView[]): ServedWell {
  let rates = new Map<string, Rate>();
  let lookedAt = clock.now();
  look();

  function look(): void {
    const now = clock.now();
    const elapsedMs = now - lookedAt;
    if (elapsedMs > 0 && elapsedMs < SHORTEST_LOOK_MS) return;
    lookedAt = now;
    const counted = countsByAddress(pools());
    const next = new Map<string, Rate>();
    for (const [address, { requests, failures }] of counted) {
      const rate = rates.get(address) ?? { requests, failures, smooth: undefined, best: undefined };
      if (elapsedMs > 0) update(rate, requests - rate.requests, failures - rate.failures, elapsedMs);
      [rate.requests, rate.failures] = [requests, failures];
      next.set(address, rate);
    }
    rates = next;
  }

  return { rate: (address) => rates.get(address)?.best, look, stop: every(clock, LOOK_MS, look) };
}

function update(rate: Rate, requests: number, failures: number, elapsedMs: number): void {
  // Its counters have begun anew, as those of an upstream do that left and came back.
  if (requests < 0) return;
  const now = (1000 * requests) / elapsedMs;
  const part = 1 - Math.exp(-elapsedMs / SMOOTH_MS);
  rate.smooth = rate.smooth === undefined ? now : rate.smooth + part * (now - rate.smooth);
  if (requests > 0 && failures <= WELL_RATIO * requests) rate.best = Math.max(rate.best ?? 0, rate.smooth);
}

function countsByAddress(pools: readonly PoolView[]) {
  const counts = new Map<string, { requests: number; failures: number }>();
  for (const { upstreams } of pools)
    for (const { address, requests, failures } of upstreams) {
      const known = counts.get(address);
      if (known) {
        known.requests += requests;
        known.failures += failures;
      } else counts.set(address, { requests, failures });
    }
  return counts;
}
