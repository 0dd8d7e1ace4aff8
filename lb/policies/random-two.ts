import { z } from "zod";
import type { Candidate, Policy, PolicyDeps } from "./policy.ts";
import { createWeightedDraw } from "./weighted-draw.ts";

export const options = z.strictObject({ type: z.literal("random-two") });

/**
 * Draws two by weight and takes the one with less in flight for its weight, on a tie the first drawn: HAProxy's
 * `random(2)`. An idle pool is thus shared out by weight.
 */
export function create<C extends Candidate>(
  _options: z.infer<typeof options>,
  { candidates, random }: PolicyDeps<C>,
): Policy<C> {
  const urn = createWeightedDraw(candidates, random);
  return {
    pins: false,
    reason: "less-loaded-of-two",
    pick(_request, avoid) {
      const one = urn.draw(avoid);
      const other = urn.draw(avoid);
      return one && other && other.inFlight * one.weight < one.inFlight * other.weight ? other : one;
    },
    changed: (candidate, change) => urn.changed(candidate, change),
  };
}
