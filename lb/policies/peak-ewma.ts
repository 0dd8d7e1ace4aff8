import { z } from "zod";
import type { Candidate, Policy, PolicyDeps } from "./policy.ts";
import { createWeightedDraw } from "./weighted-draw.ts";

export const options = z.strictObject({
  type: z.literal("peak-ewma"),
  decayMs: z
    .int()
    .min(1)
    .max(3_600_000)
    .default(10_000)
    .describe("Time in which what was learnt of an upstream fades to 37 %"),
});

interface Learnt {
  /** Milliseconds that an answer takes, as of `at`. */
  costMs: number;
  at: number;
}

/** What a request in flight costs where nothing is known yet: one is sent there, and others wait for its result. */
const UNKNOWN_COST_MS = 1e9;

/**
 * Draws two by weight and takes the one whose expected latency, times the requests that it would then have, is lower
 * for its weight: Finagle's and Linkerd's Peak EWMA with the power of two choices. A slower answer counts at once and in
 * full, faster ones win trust back over `decayMs`, and silence forgives. A failure counts by its time alone: one that
 * fails fast looks fast, and only outlier detection or health checks keep it from drawing everything.
 */
export function create<C extends Candidate>(
  { decayMs }: z.infer<typeof options>,
  { candidates, random, clock }: PolicyDeps<C>,
): Policy<C> {
  const urn = createWeightedDraw(candidates, random);
  // Kept while an upstream is full or down, and dropped with it.
  const learnt = new WeakMap<C, Learnt>();

  function load(candidate: C, now: number): number {
    const known = learnt.get(candidate);
    if (!known) return candidate.inFlight === 0 ? 0 : UNKNOWN_COST_MS * candidate.inFlight;
    return known.costMs * Math.exp((known.at - now) / decayMs) * (candidate.inFlight + 1);
  }

  return {
    pins: false,
    reason: "lower-latency-of-two",
    pick(_request, avoid) {
      const one = urn.draw(avoid);
      const other = urn.draw(avoid);
      if (!one || !other || one === other) return one;
      const now = clock.now();
      return load(other, now) * one.weight < load(one, now) * other.weight ? other : one;
    },
    changed: (candidate, change) => urn.changed(candidate, change),
    observe(candidate, durationMs, abandoned) {
      const now = clock.now();
      const known = learnt.get(candidate);
      if (!known) {
        if (!abandoned) learnt.set(candidate, { costMs: durationMs, at: now });
        return;
      }
      const left = Math.exp((known.at - now) / decayMs);
      // Of one whose client left it is only known that it would have taken longer.
      if (durationMs > known.costMs) known.costMs = durationMs;
      else if (!abandoned) known.costMs = known.costMs * left + durationMs * (1 - left);
      else return;
      known.at = now;
    },
  };
}
