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
  readonly owner: EventOwner;
  run: () => void;
  /** Its place in the heap; -1 when it is in none. */
  slot: number;
}

const CHILDREN = 4;
const FIRST_CAPACITY = 256;
const nothing = (): void => {};

/**
 * A heap of four children a node: events know their place, so that most of them, timeouts, are taken out unheard. What
 * they are ordered by lies side by side in arrays of its own, since comparing is all that a heap does.
 */
export function createEventQueue(): EventQueue {
  let dues = new Float64Array(FIRST_CAPACITY);
  let serials = new Float64Array(FIRST_CAPACITY);
  const entries: Entry[] = [];
  let now = 0;
  let serial = 0;
  let happened = 0;

  function put(entry: Entry, due: number, order: number, slot: number): void {
    dues[slot] = due;
    serials[slot] = order;
    entries[slot] = entry;
    entry.slot = slot;
  }

  function up(entry: Entry, due: number, order: number, from: number): void {
    let slot = from;
    while (slot > 0) {
      const above = (slot - 1) >> 2;
      const dueAbove = dues[above] as number;
      if (due > dueAbove || (due === dueAbove && order > (serials[above] as number))) break;
      put(entries[above] as Entry, dueAbove, serials[above] as number, slot);
      slot = above;
    }
    put(entry, due, order, slot);
  }

  function down(entry: Entry, due: number, order: number, from: number): void {
    const { length } = entries;
    let slot = from;
    for (;;) {
      const first = slot * CHILDREN + 1;
      if (first >= length) break;
      const end = first + CHILDREN < length ? first + CHILDREN : length;
      let child = first;
      let childDue = dues[first] as number;
      for (let i = first + 1; i < end; i++) {
        const other = dues[i] as number;
        if (other > childDue || (other === childDue && (serials[i] as number) > (serials[child] as number)))
          continue;
        child = i;
        childDue = other;
      }
      if (childDue > due || (childDue === due && (serials[child] as number) > order)) break;
      put(entries[child] as Entry, childDue, serials[child] as number, slot);
      slot = child;
    }
    put(entry, due, order, slot);
  }

  function remove(entry: Entry): void {
    const { slot } = entry;
    if (slot < 0) return;
    entry.slot = -1;
    // Whoever keeps the means to cancel must not keep what would have happened.
    entry.run = nothing;
    const last = entries.pop() as Entry;
    if (last === entry) return;
    const place = entries.length;
    const due = dues[place] as number;
    const order = serials[place] as number;
    const above = (slot - 1) >> 2;
    if (
      slot > 0 &&
      (due < (dues[above] as number) || (due === dues[above] && order < (serials[above] as number)))
    )
      up(last, due, order, slot);
    else down(last, due, order, slot);
  }

  function grow(): void {
    const moved = (from: Float64Array): Float64Array<ArrayBuffer> => {
      const to = new Float64Array(2 * from.length);
      to.set(from);
      return to;
    };
    dues = moved(dues);
    serials = moved(serials);
  }

  return {
    get nowMs() {
      return now;
    },
    get length() {
      return entries.length;
    },
    get happened() {
      return happened;
    },
    schedule(dueMs, owner, run) {
      // NaN would break the order of everything behind it.
      if (!(dueMs < Infinity)) throw new RangeError(`an event cannot be due at ${dueMs}`);
      const entry: Entry = { owner, run, slot: -1 };
      const place = entries.length;
      if (place === dues.length) grow();
      entries.push(entry);
      up(entry, dueMs > now ? dueMs : now, serial++, place);
      return () => remove(entry);
    },
    next(endMs) {
      const entry = entries[0];
      if (!entry || (dues[0] as number) > endMs) return undefined;
      const { owner, run } = entry;
      now = dues[0] as number;
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
