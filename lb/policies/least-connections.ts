import { z } from "zod";
import type { Candidate, Policy, PolicyDeps } from "./policy.ts";
import { pressure } from "./random-two.ts";

export const options = z.strictObject({ type: z.literal("least-connections") });

/**
 * The candidate with the least in flight for its weight. Weighted as HAProxy's and nginx's: skewed weights skew it too.
 * Ties are broken in turns, or an idle pool would send everything to its first upstream.
 */
export function create<C extends Candidate>(
  _options: z.infer<typeof options>,
  { candidates }: PolicyDeps<C>,
): Policy<C> {
  let start = 0;
  return {
    pins: false,
    pick(_request, avoid) {
      let best: C | undefined;
      const from = start;
      for (let i = 0; i < candidates.length; i++) {
        const index = (from + i) % candidates.length;
        const candidate = candidates[index];
        if (!candidate || avoid.has(candidate)) continue;
        if (best === undefined || pressure(candidate) < pressure(best)) {
          best = candidate;
          start = index + 1;
        }
      }
      return best;
    },
  };
}
