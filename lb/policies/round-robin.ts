import { z } from "zod";
import { createHeap, type Heap, type HeapEntry } from "../heap.ts";
import type { Candidate, Policy, PolicyDeps } from "./policy.ts";

export const options = z.strictObject({ type: z.literal("round-robin") });

/** A candidate's standing. Its credit in nginx's sense is `base` plus its weight times the number of turns so far. */
interface Turn<C> extends HeapEntry {
  readonly candidate: C;
  readonly weight: number;
  base: number;
}

/**
 * Takes turns by weight, spread out evenly: nginx's smooth sequence (5:1:1 gives a a b a c a a). Blind to load: a slow
 * upstream keeps its full share.
 *
 * nginx raises every credit by its weight at each turn, takes the highest and lowers it by the sum of the weights. Here
 * those of one weight rise together, so only the first of each weight is looked at: the same sequence, without a scan.
 */
export function create<C extends Candidate>(
  _options: z.infer<typeof options>,
  { candidates }: PolicyDeps<C>,
): Policy<C> {
  let turns = 0;
  let total = 0;
  let stale = true;
  let entries = new Map<C, Turn<C>>();
  let groups = new Map<number, { readonly weight: number; readonly heap: Heap<Turn<C>> }>();
  // Who leaves for a while keeps its credit, as in nginx: one that is full now and then must not lose its turn.
  let left = new WeakMap<C, number>();

  function join(candidate: C) {
    const { weight } = candidate;
    const entry = { candidate, weight, base: (left.get(candidate) ?? 0) - turns * weight, slot: -1 };
    let group = groups.get(weight);
    if (!group) {
      group = { weight, heap: createHeap<Turn<C>>(first) };
      groups.set(weight, group);
    }
    group.heap.add(entry);
    entries.set(candidate, entry);
    total += weight;
  }

  function leave(candidate: C) {
    const entry = entries.get(candidate);
    if (!entry) return;
    left.set(candidate, entry.base + turns * entry.weight);
    groups.get(entry.weight)?.heap.remove(entry);
    entries.delete(candidate);
    total -= entry.weight;
  }

  /** Under new weights everyone keeps its place in the sequence: its credit, by the new sum of the weights. */
  function restart() {
    const scale = total === 0 ? 0 : candidates.reduce((sum, { weight }) => sum + weight, 0) / total;
    const credits = new WeakMap<C, number>();
    for (const { candidate, weight, base } of entries.values())
      credits.set(candidate, (base + turns * weight) * scale);
    stale = false;
    turns = 0;
    total = 0;
    entries = new Map();
    groups = new Map();
    left = credits;
    for (const candidate of candidates) join(candidate);
  }

  function next(): C | undefined {
    turns += 1;
    let best: Turn<C> | undefined;
    let bestCredit = -Infinity;
    for (const { weight, heap } of groups.values()) {
      const entry = heap.first();
      if (!entry) continue;
      const credit = entry.base + turns * weight;
      if (credit < bestCredit) continue;
      if (best && credit === bestCredit && best.candidate.order < entry.candidate.order) continue;
      best = entry;
      bestCredit = credit;
    }
    if (!best) return undefined;
    best.base -= total;
    groups.get(best.weight)?.heap.moved(best);
    return best.candidate;
  }

  return {
    pins: false,
    pick(_request, avoid) {
      if (stale) restart();
      if (avoid.size === 0) return next();
      const stepped = [...avoid].filter((candidate) => entries.has(candidate));
      stepped.forEach(leave);
      const picked = next();
      stepped.forEach(join);
      return picked;
    },
    changed(candidate, change) {
      // Once for however many change before the next pick.
      if (change === "weight") stale = true;
      else if (!stale && change === "left") leave(candidate);
      else if (!stale) join(candidate);
    },
  };
}

function first(a: Turn<Candidate>, b: Turn<Candidate>): boolean {
  return a.base === b.base ? a.candidate.order < b.candidate.order : a.base > b.base;
}
