import type { Cancel } from "../../../runtime/clock.ts";

/** Whose events they are: what ends with its owner no longer happens. */
export interface EventOwner {
  readonly alive: boolean;
  /** Its events may leave promises behind, which settle before the next event of anybody. */
  readonly settles: boolean;
}

/** What is still to happen in virtual time, in the order of its time, and of its scheduling where times are equal. */
export interface EventQueue {
  /** Milliseconds since the beginning. */
  readonly nowMs: number;
  /** Events still to happen. */
  readonly length: number;
  /** Events that have happened. */
  readonly happened: number;
  /** What lies in the past happens next. A cancelled event leaves nothing in the queue. */
  schedule(dueMs: number, owner: EventOwner, run: () => void): Cancel;
  /** Lets the next event happen, if it is due by `endMs`; returns its owner, alive or not. */
  next(endMs: number): EventOwner | undefined;
  /** Moves on to a moment before which nothing happens. */
  skipTo(ms: number): void;
}

interface Entry {
  readonly due: number;
  readonly serial: number;
  readonly owner: EventOwner;
  run: () => void;
  /** Its place in the heap; -1 when it is in none. */
  slot: number;
}

const CHILDREN = 4;
const nothing = (): void => {};

/** A heap of four children a node: events know their place, so that most of them, timeouts, are taken out unheard. */
export function createEventQueue(): EventQueue {
  const heap: Entry[] = [];
  let now = 0;
  let serial = 0;
  let happened = 0;

  function up(entry: Entry, from: number): void {
    let slot = from;
    while (slot > 0) {
      const above = (slot - 1) >> 2;
      const parent = heap[above] as Entry;
      if (!before(entry, parent)) break;
      heap[slot] = parent;
      parent.slot = slot;
      slot = above;
    }
    heap[slot] = entry;
    entry.slot = slot;
  }

  function down(entry: Entry, from: number): void {
    let slot = from;
    for (;;) {
      const first = slot * CHILDREN + 1;
      if (first >= heap.length) break;
      const end = Math.min(first + CHILDREN, heap.length);
      let child = heap[first] as Entry;
      for (let i = first + 1; i < end; i++) {
        const other = heap[i] as Entry;
        if (before(other, child)) child = other;
      }
      if (!before(child, entry)) break;
      const place = child.slot;
      heap[slot] = child;
      child.slot = slot;
      slot = place;
    }
    heap[slot] = entry;
    entry.slot = slot;
  }

  function remove(entry: Entry): void {
    const { slot } = entry;
    if (slot < 0) return;
    entry.slot = -1;
    // Whoever keeps the means to cancel must not keep what would have happened.
    entry.run = nothing;
    const last = heap.pop() as Entry;
    if (last === entry) return;
    if (slot > 0 && before(last, heap[(slot - 1) >> 2] as Entry)) up(last, slot);
    else down(last, slot);
  }

  return {
    get nowMs() {
      return now;
    },
    get length() {
      return heap.length;
    },
    get happened() {
      return happened;
    },
    schedule(dueMs, owner, run) {
      // NaN would break the order of everything behind it.
      if (!(dueMs < Infinity)) throw new RangeError(`an event cannot be due at ${dueMs}`);
      const entry: Entry = { due: dueMs > now ? dueMs : now, serial: serial++, owner, run, slot: -1 };
      heap.push(entry);
      up(entry, heap.length - 1);
      return () => remove(entry);
    },
    next(endMs) {
      const entry = heap[0];
      if (!entry || entry.due > endMs) return undefined;
      const { owner, run } = entry;
      now = entry.due;
      remove(entry);
      if (owner.alive) {
        happened += 1;
        run();
      }
      return owner;
    },
    skipTo(ms) {
      if (ms > now) now = ms;
    },
  };
}

function before(a: Entry, b: Entry): boolean {
  return a.due < b.due || (a.due === b.due && a.serial < b.serial);
}
