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
export const createWeightedDraw = <C extends Candidate>(
  candidates: readonly C[],
  random: Random,
): WeightedDraw<C> => new SumTree(candidates, random);

class SumTree<C extends Candidate> implements WeightedDraw<C> {
  private readonly random: Random;
  private leaves = 16;
  private sums = new Float64Array(2 * this.leaves);
  private owners: (C | undefined)[] = [];
  private readonly slots = new Map<C, number>();
  private free: number[] = [];

  constructor(candidates: readonly C[], random: Random) {
    this.random = random;
    for (const candidate of candidates) this.join(candidate);
  }

  private weigh(slot: number, weight: number) {
    const { sums } = this;
    let at = this.leaves + slot;
    sums[at] = weight;
    // Added up anew instead of corrected: a remainder of rounding would outlive the weight that it came from.
    for (at >>= 1; at >= 1; at >>= 1) sums[at] = (sums[2 * at] ?? 0) + (sums[2 * at + 1] ?? 0);
  }

  private grow() {
    this.leaves *= 2;
    this.sums = new Float64Array(2 * this.leaves);
    for (const [candidate, slot] of this.slots) this.sums[this.leaves + slot] = candidate.weight;
    for (let at = this.leaves - 1; at >= 1; at--)
      this.sums[at] = (this.sums[2 * at] ?? 0) + (this.sums[2 * at + 1] ?? 0);
  }

  private join(candidate: C) {
    if (this.slots.has(candidate)) return this.weigh(this.slots.get(candidate) ?? 0, candidate.weight);
    const slot = this.free.pop() ?? this.owners.length;
    if (slot >= this.leaves) this.grow();
    this.owners[slot] = candidate;
    this.slots.set(candidate, slot);
    this.weigh(slot, candidate.weight);
  }

  private leave(candidate: C) {
    const slot = this.slots.get(candidate);
    if (slot === undefined) return;
    this.slots.delete(candidate);
    this.owners[slot] = undefined;
    this.weigh(slot, 0);
    this.free.push(slot);
    // With no candidate left, the next to join gets the same slots as at the start.
    if (this.slots.size === 0) [this.owners, this.free] = [[], []];
  }

  private drawAny(): C | undefined {
    const { sums, leaves } = this;
    let rest = this.random.next() * (sums[1] ?? 0);
    let at = 1;
    while (at < leaves) {
      at *= 2;
      const left = sums[at] ?? 0;
      // The second test: rounding must not lead to an empty half.
      if (rest < left || sums[at + 1] === 0) continue;
      rest -= left;
      at += 1;
    }
    return this.owners[at - leaves];
  }

  draw(avoid: ReadonlySet<C>): C | undefined {
    if (avoid.size === 0) return this.drawAny();
    const away: number[] = [];
    for (const candidate of avoid) {
      const slot = this.slots.get(candidate);
      if (slot !== undefined) away.push(slot);
    }
    for (const slot of away) this.weigh(slot, 0);
    const drawn = this.slots.size > away.length ? this.drawAny() : undefined;
    for (const slot of away) this.weigh(slot, this.owners[slot]?.weight ?? 0);
    return drawn;
  }

  changed(candidate: C, change: "joined" | "left" | "weight"): void {
    if (change === "left") this.leave(candidate);
    else this.join(candidate);
  }
}
