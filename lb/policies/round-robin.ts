import { z } from "zod";
import type { Candidate, Policy, PolicyDeps } from "./policy.ts";

export const options = z.strictObject({ type: z.literal("round-robin") });

/**
 * Takes turns by weight, spread out evenly: nginx's smooth sequence (5:1:1 gives a a b a c a a). Blind to load: a slow
 * upstream keeps its full share.
 */
export function create<C extends Candidate>(
  _options: z.infer<typeof options>,
  { candidates }: PolicyDeps<C>,
): Policy<C> {
  const credit = new Map<C, number>();
  return {
    pins: false,
    pick(_request, avoid) {
      let best: C | undefined;
      let bestCredit = -Infinity;
      let total = 0;
      for (const candidate of candidates) {
        if (avoid.has(candidate)) continue;
        const raised = (credit.get(candidate) ?? 0) + candidate.weight;
        credit.set(candidate, raised);
        total += candidate.weight;
        if (raised > bestCredit) {
          best = candidate;
          bestCredit = raised;
        }
      }
      if (best) credit.set(best, bestCredit - total);
      return best;
    },
    changed(candidate, change) {
      if (change === "left") credit.delete(candidate);
    },
  };
}
