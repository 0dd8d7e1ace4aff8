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

/** What a candidate had when it left. */
interface Credit {
  readonly credit: number;
  readonly weight: number;
  /** Weights had changed so often. */
  readonly weighings: number;
}

/**
 * Takes turns by weight, spread out evenly: nginx's smooth sequence (5:1:1 gives a a b a c a a). Blind to load: a slow
 * upstream keeps its full share.
 *
 * nginx raises every credit by its weight at each turn, takes the highest and lowers it by the sum of the weights. Here
 * those of one weight rise together, so only the first of each weight is looked at: the same sequence, without a scan.
 */
export const create = <C extends Candidate>(
  _options: z.infer<typeof options>,
  { candidates }: PolicyDeps<C>,
): Policy<C> => new RoundRobin(candidates);

class RoundRobin<C extends Candidate> implements Policy<C> {
  readonly pins = false;
  readonly reason = "round-robin-turn";
  private readonly candidates: readonly C[];
  private turns = 0;
  private total = 0;
  private stale = true;
  private readonly entries = new Map<C, Turn<C>>();
  private readonly groups = new Map<number, Group<C>>();
  /** By a group's index its weight, and the base of its first; side by side, since each turn reads them all. */
  private weights: number[] = [];
  private bases: number[] = [];
  private firsts: (Turn<C> | undefined)[] = [];
  private weighings = 0;
  // A candidate that leaves for a while keeps its credit, as in nginx: one that is full now and then must not lose its turn.
  private readonly left = new WeakMap<C, Credit>();

  constructor(candidates: readonly C[]) {
    this.candidates = candidates;
  }

  private groupOf(weight: number): Group<C> {
    let group = this.groups.get(weight);
    if (!group) {
      group = { weight, index: this.groups.size, heap: createHeap<Turn<C>>(first) };
      this.groups.set(weight, group);
      this.weights.push(weight);
    }
    return group;
  }

  private lineUp({ index, heap }: Group<C>) {
    const next = heap.first();
    this.firsts[index] = next;
    this.bases[index] = next?.base ?? -Infinity;
  }

  private add(entry: Turn<C>) {
    entry.group.heap.add(entry);
    this.total += entry.group.weight;
    this.lineUp(entry.group);
  }

  private remove(entry: Turn<C>) {
    entry.group.heap.remove(entry);
    this.total -= entry.group.weight;
    this.lineUp(entry.group);
  }

  /** What it left with. If weights have changed since, one turn at most: much of the old sum may be many of the new one. */
  private creditOf(candidate: C, sum: number): number {
    const had = this.left.get(candidate);
    if (!had) return 0;
    if (had.weighings === this.weighings && had.weight === candidate.weight) return had.credit;
    return Math.min(Math.max(had.credit, -sum), sum);
  }

  private keepCredit({ candidate, group: { weight }, base }: Turn<C>, scale = 1) {
    this.left.set(candidate, {
      credit: (base + this.turns * weight) * scale,
      weight,
      weighings: this.weighings,
    });
  }

  private isWeighedAnew(candidate: C): boolean {
    const had = this.left.get(candidate);
    return had !== undefined && had.weight !== candidate.weight;
  }

  /** `sum`: of the weights of all, this one included. */
  private join(candidate: C, sum: number) {
    const { weight } = candidate;
    const base = this.creditOf(candidate, sum) - this.turns * weight;
    const entry: Turn<C> = { candidate, group: this.groupOf(weight), base, slot: -1 };
    this.entries.set(candidate, entry);
    this.add(entry);
  }

  private leave(candidate: C) {
    const entry = this.entries.get(candidate);
    if (!entry) return;
    this.keepCredit(entry);
    this.entries.delete(candidate);
    this.remove(entry);
  }

  /** Under new weights every candidate keeps its place in the sequence: its credit, by the new sum of the same ones' weights. */
  private restart() {
    const here = new Set(this.candidates);
    let [before, now] = [0, 0];
    for (const { candidate, group } of this.entries.values()) {
      if (!here.has(candidate)) continue;
      before += group.weight;
      now += candidate.weight;
    }
    for (const entry of this.entries.values()) this.keepCredit(entry, before === 0 ? 1 : now / before);
    this.weighings += 1;
    this.stale = false;
    this.turns = 0;
    this.total = 0;
    this.entries.clear();
    this.groups.clear();
    [this.weights, this.bases, this.firsts] = [[], [], []];
    const sum = this.candidates.reduce((total, { weight }) => total + weight, 0);
    for (const candidate of this.candidates) this.join(candidate, sum);
  }

  private next(): C | undefined {
    const turns = ++this.turns;
    const { weights, bases, firsts } = this;
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
    best.base -= this.total;
    best.group.heap.moved(best);
    this.lineUp(best.group);
    return best.candidate;
  }

  pick(_request: unknown, avoid: ReadonlySet<C>): C | undefined {
    if (this.stale) this.restart();
    if (avoid.size === 0) return this.next();
    const stepped = [...avoid].flatMap((candidate) => this.entries.get(candidate) ?? []);
    for (const entry of stepped) this.remove(entry);
    const before = this.turns;
    const picked = this.next();
    for (const entry of stepped) {
      // Its credit does not rise while it is passed over.
      entry.base -= (this.turns - before) * entry.group.weight;
      this.add(entry);
    }
    return picked;
  }

  changed(candidate: C, change: "joined" | "left" | "weight"): void {
    // Once for however many change before the next pick.
    if (change === "weight" || (change === "joined" && this.isWeighedAnew(candidate))) this.stale = true;
    else if (!this.stale && change === "left") this.leave(candidate);
    else if (!this.stale) this.join(candidate, this.total + candidate.weight);
  }
}

function first(a: Turn<Candidate>, b: Turn<Candidate>): boolean {
  return a.base === b.base ? a.candidate.order < b.candidate.order : a.base > b.base;
}
