import { z } from "zod";
import { hash32 } from "../../runtime/random.ts";
import type { Candidate, Policy, PolicyDeps } from "./policy.ts";

export const options = z.strictObject({
  type: z.literal("ring-hash"),
  key: z
    .string()
    .regex(
      /^(cookie:[^\s;,=]+|header:[!#$%&'*+.^_`|~0-9A-Za-z-]+|peer)$/,
      "must be cookie:NAME, header:NAME or peer",
    )
    .describe("What the hash is taken of. A request without it is spread at random."),
});

/** Points on the ring for an upstream of weight 1. */
const POINTS = 160;

/**
 * Ketama: each upstream owns points on a ring in proportion to its weight, a key goes to the next point clockwise.
 * The same key reaches the same upstream, and one that leaves moves only its own keys.
 */
export function create<C extends Candidate>(
  _options: z.infer<typeof options>,
  { candidates, random }: PolicyDeps<C>,
): Policy<C> {
  let ring: { at: number; owner: C }[] | undefined;
  const build = () =>
    candidates
      .flatMap((owner) =>
        Array.from({ length: POINTS * owner.weight }, (_, i) => ({
          at: hash32(`${owner.name}#${i}`),
          owner,
        })),
      )
      // Equal points would otherwise belong to whoever joined first.
      .sort((a, b) => a.at - b.at || (a.owner.name < b.owner.name ? -1 : 1));
  return {
    pins: true,
    pick(request, avoid) {
      if (request.key === undefined) {
        const usable =
          avoid.size === 0 ? candidates : candidates.filter((candidate) => !avoid.has(candidate));
        return usable[random.below(usable.length)];
      }
      ring ??= build();
      const start = firstAtOrAfter(ring, hash32(request.key));
      for (let i = 0; i < ring.length; i++) {
        const owner = ring[(start + i) % ring.length]?.owner;
        if (owner && !avoid.has(owner)) return owner;
      }
      return undefined;
    },
    changed() {
      ring = undefined;
    },
  };
}

function firstAtOrAfter(ring: readonly { readonly at: number }[], hash: number): number {
  let low = 0;
  let high = ring.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ring[middle]?.at ?? 0) < hash) low = middle + 1;
    else high = middle;
  }
  return low;
}
