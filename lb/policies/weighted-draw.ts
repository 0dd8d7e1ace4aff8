import type { Random } from "../../runtime/random.ts";
import type { Candidate } from "./policy.ts";

export interface WeightedDraw<C> {
  /** One of the candidates that `avoid` does not hold, each as likely as its weight; undefined when there is none. */
  draw(avoid: ReadonlySet<C>): C | undefined;
  /** A candidate joined, left, or changed its weight. */
  changed(candidate: C, change: "joined" | "left" | "weight"): void;
}

/**
 * Draws by weight from a tree of sums: `sums[1]` is the sum of all, that of `i` is shared by `2i` and `2i + 1`, and the
 * lower half of the array holds the candidates' own weights. To draw, to join and to leave cost O(log n) each.
 */
export function createWeightedDraw<C extends Candidate>(
  candidates: readonly C[],
  random: Random,
): WeightedDraw<C> {
  let leaves = 16;
  let sums = new Float64Array(2 * leaves);
  let owners: (C | undefined)[] = [];
  const slots = new Map<C, number>();
  let free: number[] = [];
  for (const candidate of candidates) join(candidate);

  function weigh(slot: number, weight: number) {
    let at = leaves + slot;
    sums[at] = weight;
    // Added up anew instead of corrected: a remainder of rounding would outlive the weight that it came from.
    for (at >>= 1; at >= 1; at >>= 1) sums[at] = (sums[2 * at] ?? 0) + (sums[2 * at + 1] ?? 0);
  }

  function grow() {
    leaves *= 2;
    sums = new Float64Array(2 * leaves);
    for (const [candidate, slot] of slots) sums[leaves + slot] = candidate.weight;
    for (let at = leaves - 1; at >= 1; at--) sums[at] = (sums[2 * at] ?? 0) + (sums[2 * at + 1] ?? 0);
  }

  function join(candidate: C) {
    if (slots.has(candidate)) return weigh(slots.get(candidate) ?? 0, candidate.weight);
    const slot = free.pop() ?? owners.length;
    if (slot >= leaves) grow();
    owners[slot] = candidate;
    slots.set(candidate, slot);
    weigh(slot, candidate.weight);
  }

  function leave(candidate: C) {
    const slot = slots.get(candidate);
    if (slot === undefined) return;
    slots.delete(candidate);
    owners[slot] = undefined;
    weigh(slot, 0);
    free.push(slot);
    // With no candidate left, the next to join gets the same slots as at the start.
    if (slots.size === 0) [owners, free] = [[], []];
  }

  function draw(): C | undefined {
    let rest = random.next() * (sums[1] ?? 0);
    let at = 1;
    while (at < leaves) {
      at *= 2;
      const left = sums[at] ?? 0;
      // The second test: rounding must not lead to an empty half.
      if (rest < left || sums[at + 1] === 0) continue;
      rest -= left;
      at += 1;
    }
    return owners[at - leaves];
  }

  return {
    draw(avoid) {
      if (avoid.size === 0) return draw();
      const away: number[] = [];
      for (const candidate of avoid) {
        const slot = slots.get(candidate);
        if (slot !== undefined) away.push(slot);
      }
      for (const slot of away) weigh(slot, 0);
      const drawn = slots.size > away.length ? draw() : undefined;
      for (const slot of away) weigh(slot, owners[slot]?.weight ?? 0);
      return drawn;
    },
    changed(candidate, change) {
      if (change === "left") leave(candidate);
      else join(candidate);
    },
  };
}
