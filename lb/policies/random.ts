import { z } from "zod";
import type { Candidate, Policy, PolicyDeps } from "./policy.ts";
import { createWeightedDraw } from "./weighted-draw.ts";

export const options = z.strictObject({ type: z.literal("random") });

/** Draws one by weight, blind to load and to who was drawn before. */
export function create<C extends Candidate>(
  _options: z.infer<typeof options>,
  { candidates, random }: PolicyDeps<C>,
): Policy<C> {
  const urn = createWeightedDraw(candidates, random);
  return {
    pins: false,
    reason: "random",
    pick: (_request, avoid) => urn.draw(avoid),
    changed: (candidate, change) => urn.changed(candidate, change),
  };
}
