import { z } from "zod";
import { hash32 } from "../../runtime/random.ts";
import { keyOption } from "./key-option.ts";
import type { Candidate, Policy, PolicyDeps } from "./policy.ts";

export const options = z.strictObject({
  type: z.literal("ring-hash"),
  key: keyOption,
});

/** Points on the ring for a weight of 1. */
const POINTS = 160;
/** A ring of more points than this is thinned out by halves, lest a rebuild stops the loop for seconds. */
const MOST_POINTS = 1_048_576;
const HASHES = 4_294_967_296;

interface Ring<C> {
  /** Hashes in ascending order, and beside each the index of its owner. */
  readonly at: Uint32Array;
  readonly ownerAt: Uint16Array;
  readonly owners: readonly C[];
  /** The weight each owner's points were counted by. */
  readonly weights: ReadonlyMap<C, number>;
}

/**
 * Ketama: each upstream owns points on a ring in proportion to its weight, a key goes to the next point clockwise.
 * The same key reaches the same upstream, and one that leaves moves only its own keys. The ring depends on names and
 * weights alone, so a restart moves no key.
 */
export function create<C extends Candidate>(
  _options: z.infer<typeof options>,
  { candidates, random }: PolicyDeps<C>,
): Policy<C> {
  /** Points of those that left stay and are passed over: going DOWN and coming back costs no new ring. */
  let whole: Ring<C> | undefined;
  /** The whole ring, or with many gone one without theirs. */
  let ring: Ring<C> | undefined;
  /** Points passed over since the ring was last thinned out, or one came back. */
  let passed = 0;
  const present = new Set<C>(candidates);

  function current(): Ring<C> {
    if (ring && passed <= ring.at.length) return ring;
    passed = 0;
    ring = whole ? without(whole, present) : (whole = build(candidates));
    return ring;
  }

  return {
    pins: true,
    reason: "hash",
    pick(request, avoid) {
      if (present.size === 0 || (avoid.size >= present.size && isWithin(present, avoid))) return undefined;
      const { at, ownerAt, owners } = current();
      const hash = request.key === undefined ? random.below(HASHES) : hash32(request.key);
      let i = firstAtOrAfter(at, hash);
      for (let steps = 0; steps < at.length; steps++, i++) {
        if (i >= at.length) i = 0;
        const owner = owners[ownerAt[i] ?? 0];
        if (owner === undefined) continue;
        if (!present.has(owner)) passed += 1;
        else if (!avoid.has(owner)) return owner;
      }
      return undefined;
    },
    changed(candidate, change) {
      if (change === "left") {
        present.delete(candidate);
        return;
      }
      present.add(candidate);
      // Also when it comes back: its weight may have changed while it was away.
      if (whole?.weights.get(candidate) !== candidate.weight) whole = undefined;
      ring = whole;
      passed = 0;
    },
  };
}

/** The same ring with the points of those present only. */
function without<C>({ at, ownerAt, owners, weights }: Ring<C>, present: ReadonlySet<C>): Ring<C> {
  const kept = owners.map((owner) => present.has(owner));
  const stays = (_: number, i: number) => kept[ownerAt[i] ?? 0] === true;
  return { at: at.filter(stays), ownerAt: ownerAt.filter(stays), owners, weights };
}

function build<C extends Candidate>(candidates: readonly C[]): Ring<C> {
  // Equal points go by name: the order of the configuration must not matter.
  const owners = [...candidates].sort((a, b) => (a.name < b.name ? -1 : 1));
  const weights = owners.reduce((sum, owner) => sum + owner.weight, 0);
  let thinning = 1;
  while ((weights * POINTS) / thinning > MOST_POINTS) thinning *= 2;
  const counts = owners.map((owner) => Math.max(1, Math.floor((owner.weight * POINTS) / thinning)));
  const points = new Float64Array(counts.reduce((sum, count) => sum + count, 0));
  let filled = 0;
  owners.forEach((owner, index) => {
    // Hash and owner in one number sort natively: 32 and 16 of its 53 bits.
    for (let i = 0; i < (counts[index] ?? 0); i++)
      points[filled++] = hash32(`${owner.name}#${i}`) * 65_536 + index;
  });
  points.sort();
  const at = new Uint32Array(points.length);
  const ownerAt = new Uint16Array(points.length);
  points.forEach((point, i) => {
    at[i] = Math.floor(point / 65_536);
    ownerAt[i] = point % 65_536;
  });
  return { at, ownerAt, owners, weights: new Map(owners.map((owner) => [owner, owner.weight])) };
}

function isWithin<C>(inner: ReadonlySet<C>, outer: ReadonlySet<C>): boolean {
  for (const one of inner) if (!outer.has(one)) return false;
  return true;
}

function firstAtOrAfter(at: Uint32Array, hash: number): number {
  let low = 0;
  let high = at.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((at[middle] ?? 0) < hash) low = middle + 1;
    else high = middle;
  }
  return low;
}
