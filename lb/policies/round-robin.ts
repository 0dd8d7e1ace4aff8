import { z } from "zod";
import { createHeap, type Heap, type HeapEntry } from "../../runtime/heap.ts";
import type { Candidate, Policy, PolicyDeps } from "./policy.ts";

export const options = z.strictObject({ type: z.literal("round-robin") });

/** A candidate in the sequence. Its credit in nginx's sense is `base` plus its weight times the number of turns so far. */
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
  /** Weights have changed so often. */
  let weighings = 0;
  // A candidate that leaves for a while keeps its credit, as in nginx: one that is full now and then must not lose its turn.
  const left = new WeakMap<
    C,
    { readonly credit: number; readonly weight: number; readonly weighings: number }
  >();

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

  /** What it left with. If weights have changed since, one turn at most: much of the old sum may be many of the new one. */
  function creditOf(candidate: C, sum: number): number {
    const had = left.get(candidate);
    if (!had) return 0;
    if (had.weighings === weighings && had.weight === candidate.weight) return had.credit;
    return Math.min(Math.max(had.credit, -sum), sum);
  }

  function keepCredit({ candidate, group: { weight }, base }: Turn<C>, scale = 1) {
    left.set(candidate, { credit: (base + turns * weight) * scale, weight, weighings });
  }

  function isWeighedAnew(candidate: C): boolean {
    const had = left.get(candidate);
    return had !== undefined && had.weight !== candidate.weight;
  }

  /** `sum`: of the weights of all, this one included. */
  function join(candidate: C, sum: number) {
    const { weight } = candidate;
    const base = creditOf(candidate, sum) - turns * weight;
    const entry: Turn<C> = { candidate, group: groupOf(weight), base, slot: -1 };
    entries.set(candidate, entry);
    add(entry);
  }

  function leave(candidate: C) {
    const entry = entries.get(candidate);
    if (!entry) return;
    keepCredit(entry);
    entries.delete(candidate);
    remove(entry);
  }

  /** Under new weights every candidate keeps its place in the sequence: its credit, by the new sum of the same ones' weights. */
  function restart() {
    const here = new Set(candidates);
    let [before, now] = [0, 0];
    for (const { candidate, group } of entries.values()) {
      if (!here.has(candidate)) continue;
      before += group.weight;
      now += candidate.weight;
    }
    for (const entry of entries.values()) keepCredit(entry, before === 0 ? 1 : now / before);
    weighings += 1;
    stale = false;
    turns = 0;
    total = 0;
    entries.clear();
    groups.clear();
    [weights, bases, firsts] = [[], [], []];
    const sum = candidates.reduce((total, { weight }) => total + weight, 0);
    for (const candidate of candidates) join(candidate, sum);
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
    reason: "round-robin-turn",
    pick(_request, avoid) {
      if (stale) restart();
      if (avoid.size === 0) return next();
      const stepped = [...avoid].flatMap((candidate) => entries.get(candidate) ?? []);
      stepped.forEach(remove);
      const before = turns;
      const picked = next();
      for (const entry of stepped) {
        // Its credit does not rise while it is passed over.
        entry.base -= (turns - before) * entry.group.weight;
        add(entry);
      }
      return picked;
    },
    changed(candidate, change) {
      // Once for however many change before the next pick.
      if (change === "weight" || (change === "joined" && isWeighedAnew(candidate))) stale = true;
      else if (!stale && change === "left") leave(candidate);
      else if (!stale) join(candidate, total + candidate.weight);
    },
  };
}

function first(a: Turn<Candidate>, b: Turn<Candidate>): boolean {
  return a.base === b.base ? a.candidate.order < b.candidate.order : a.base > b.base;
}
