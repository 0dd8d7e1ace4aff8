import { z } from "zod";
import { createHeap, type Heap, type HeapEntry } from "../heap.ts";
import type { Candidate, Policy, PolicyDeps } from "./policy.ts";

export const options = z.strictObject({ type: z.literal("round-robin") });

/** A candidate's standing. Its credit in nginx's sense is `base` plus its weight times the number of turns so far. */
interface Turn<C> extends HeapEntry {
  readonly candidate: C;
  readonly group: Group<C>;
  base: number;
}

/** Those of one weight: their credits rise together, so only the first of them can be next. */
interface Group<C> {
  readonly weight: number;
  readonly index: number;
  readonly heap: Heap<Turn<C>>;
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
  const entries = new Map<C, Turn<C>>();
  const groups = new Map<number, Group<C>>();
  /** By a group's index its weight, and the base of its first; side by side, since each turn reads them all. */
  let weights: number[] = [];
  let bases: number[] = [];
  let firsts: (Turn<C> | undefined)[] = [];
  // Who leaves for a while keeps its credit, as in nginx: one that is full now and then must not lose its turn.
  let left = new WeakMap<C, number>();

  function groupOf(weight: number): Group<C> {
    let group = groups.get(weight);
    if (!group) {
      group = { weight, index: groups.size, heap: createHeap<Turn<C>>(first) };
      groups.set(weight, group);
      weights.push(weight);
    }
    return group;
  }

  function lineUp({ index, heap }: Group<C>) {
    const next = heap.first();
    firsts[index] = next;
    bases[index] = next?.base ?? -Infinity;
  }

  function add(entry: Turn<C>) {
    entry.group.heap.add(entry);
    total += entry.group.weight;
    lineUp(entry.group);
  }

  function remove(entry: Turn<C>) {
    entry.group.heap.remove(entry);
    total -= entry.group.weight;
    lineUp(entry.group);
  }

  function join(candidate: C) {
    const { weight } = candidate;
    const base = (left.get(candidate) ?? 0) - turns * weight;
    const entry: Turn<C> = { candidate, group: groupOf(weight), base, slot: -1 };
    entries.set(candidate, entry);
    add(entry);
  }

  function leave(candidate: C) {
    const entry = entries.get(candidate);
    if (!entry) return;
    left.set(candidate, entry.base + turns * entry.group.weight);
    entries.delete(candidate);
    remove(entry);
  }

  /** Under new weights everyone keeps its place in the sequence: its credit, by the new sum of the weights. */
  function restart() {
    const scale = total === 0 ? 0 : candidates.reduce((sum, { weight }) => sum + weight, 0) / total;
    left = new WeakMap();
    for (const { candidate, group, base } of entries.values())
      left.set(candidate, (base + turns * group.weight) * scale);
    stale = false;
    turns = 0;
    total = 0;
    entries.clear();
    groups.clear();
    [weights, bases, firsts] = [[], [], []];
    for (const candidate of candidates) join(candidate);
  }

  function next(): C | undefined {
    turns += 1;
    let best: Turn<C> | undefined;
    let bestCredit = -Infinity;
    for (let i = 0; i < weights.length; i++) {
      const credit = (bases[i] ?? 0) + turns * (weights[i] ?? 0);
      if (credit < bestCredit) continue;
      const entry = firsts[i];
      if (!entry || (best && credit === bestCredit && best.candidate.order < entry.candidate.order)) continue;
      best = entry;
      bestCredit = credit;
    }
    if (!best) return undefined;
    best.base -= total;
    best.group.heap.moved(best);
    lineUp(best.group);
    return best.candidate;
  }

  return {
    pins: false,
    pick(_request, avoid) {
      if (stale) restart();
      if (avoid.size === 0) return next();
      const stepped = [...avoid].flatMap((candidate) => entries.get(candidate) ?? []);
      stepped.forEach(remove);
      const before = turns;
      const picked = next();
      for (const entry of stepped) {
        // Its credit does not rise while it stands aside.
        entry.base -= (turns - before) * entry.group.weight;
        add(entry);
      }
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
