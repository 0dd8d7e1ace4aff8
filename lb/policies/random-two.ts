import { z } from "zod";
import type { Candidate, Policy, PolicyDeps } from "./policy.ts";

export const options = z.strictObject({ type: z.literal("random-two") });

/** Draws two at random and takes the one with less in flight for its weight: HAProxy's `random(2)`. */
export function create<C extends Candidate>(
  _options: z.infer<typeof options>,
  { candidates, random }: PolicyDeps<C>,
): Policy<C> {
  return {
    pins: false,
    pick(_request, avoid) {
      const usable = avoid.size === 0 ? candidates : candidates.filter((candidate) => !avoid.has(candidate));
      const one = usable[random.below(usable.length)];
      const other = usable[random.below(usable.length)];
      return one && other && pressure(other) < pressure(one) ? other : one;
    },
  };
}

/** Load after one more request, per unit of weight. */
export const pressure = (candidate: Candidate): number => (candidate.inFlight + 1) / candidate.weight;
