import { z } from "zod";
import { createHeap, type HeapEntry } from "../../runtime/heap.ts";
import type { Candidate, Policy, PolicyDeps } from "./policy.ts";

export const options = z.strictObject({ type: z.literal("least-connections") });

/** A candidate's place in the ranking: its weight and load as last notified, and when it was last picked. */
interface Entry<C> extends HeapEntry {
  readonly candidate: C;
  weight: number;
  /** In flight after one more request. */
  load: number;
  pickedAt: number;
}

/**
 * The candidate with the least in flight for its weight, the new request included: skewed weights skew it too, as they do
 * HAProxy's and nginx's. Those two leave the new request out of what is idle, and so pick an idle one of little weight
 * first; with it, as in LVS's shortest expected delay, the heavy one is picked first. Ties go to the one picked longest
 * ago, or an idle pool would send everything to its first.
 */
export function create<C extends Candidate>(
  _options: z.infer<typeof options>,
  { candidates }: PolicyDeps<C>,
): Policy<C> {
  let picks = 0;
  const entries = new Map<C, Entry<C>>();
  const heap = createHeap<Entry<C>>(lighter);
  candidates.forEach(join);

  function join(candidate: C) {
    const { weight, inFlight } = candidate;
    let entry = entries.get(candidate);
    if (!entry) {
      entry = { candidate, weight, load: inFlight + 1, pickedAt: 0, slot: -1 };
      entries.set(candidate, entry);
    }
    entry.weight = weight;
    entry.load = inFlight + 1;
    if (entry.slot === -1) heap.add(entry);
    else heap.moved(entry);
  }

  function pick(): C | undefined {
    const entry = heap.first();
    if (!entry) return undefined;
    entry.pickedAt = ++picks;
    heap.moved(entry);
    return entry.candidate;
  }

  return {
    pins: false,
    reason: "least-connections",
    pick(_request, avoid) {
      if (avoid.size === 0) return pick();
      const avoided = [...avoid].flatMap((candidate) => entries.get(candidate) ?? []);
      for (const entry of avoided) heap.remove(entry);
      const picked = pick();
      for (const entry of avoided) heap.add(entry);
      return picked;
    },
    changed(candidate, change) {
      const entry = entries.get(candidate);
      if (change !== "left") join(candidate);
      else if (entry) {
        heap.remove(entry);
        entries.delete(candidate);
      }
    },
    loadChanged(candidate) {
      const entry = entries.get(candidate);
      if (!entry) return;
      entry.load = candidate.inFlight + 1;
      heap.moved(entry);
    },
  };
}

function lighter(a: Entry<Candidate>, b: Entry<Candidate>): boolean {
  // Cross-multiplied, so that equal ratios are equal: a division would round 3/3 and 7/7 apart for some.
  const difference = a.load * b.weight - b.load * a.weight;
  if (difference !== 0) return difference < 0;
  return a.pickedAt === b.pickedAt ? a.candidate.order < b.candidate.order : a.pickedAt < b.pickedAt;
}
