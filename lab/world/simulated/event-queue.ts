import type { Cancel } from "../../../runtime/clock.ts";

/** The owner of events: those of an owner that has ended no longer happen. */
export interface EventOwner {
  readonly alive: boolean;
  /** Its events may leave promises behind, which settle before the next event of any owner. */
  readonly settles: boolean;
}

/** Something that happens, again and again if it likes, and is in the queue at most once at a time. */
export interface QueuedEvent {
  readonly owner: EventOwner;
  /** Kept by the queue; -1 while it is not in it. */
  slot: number;
  happen(): void;
}

/** Future events in virtual time, ordered by their time, and by their scheduling where times are equal. */
export interface EventQueue {
  /** Milliseconds since the beginning. */
  readonly nowMs: number;
  /** Events still to happen. */
  readonly length: number;
  /** Events that have happened. */
  readonly happened: number;
  /** An event due in the past happens next. A cancelled event leaves nothing in the queue. */
  schedule(dueMs: number, owner: EventOwner, run: () => void): Cancel;
  /** The same for an event that the caller keeps: nothing is allocated. It must not be in the queue. */
  add(dueMs: number, event: QueuedEvent): void;
  /** Takes it out, if it is in the queue. */
  remove(event: QueuedEvent): void;
  /** Lets the next event happen, if it is due by `endMs`; returns its owner, alive or not. */
  next(endMs: number): EventOwner | undefined;
  /** Advances to a time before which nothing is due. */
  skipTo(ms: number): void;
}

const CHILDREN = 4;
const FIRST_CAPACITY = 256;
const nothing = (): void => {};

/**
 * A heap of four children a node: events keep their index, so that most of them, timeouts, are removed before they happen.
 * The sort keys lie side by side in arrays of their own, since comparing is all that a heap does.
 */
export function createEventQueue(): EventQueue {
  let dues = new Float64Array(FIRST_CAPACITY);
  let serials = new Float64Array(FIRST_CAPACITY);
  const events: QueuedEvent[] = [];
  let now = 0;
  let serial = 0;
  let happened = 0;

  function put(event: QueuedEvent, due: number, order: number, slot: number): void {
    dues[slot] = due;
    serials[slot] = order;
    events[slot] = event;
    event.slot = slot;
  }

  function up(event: QueuedEvent, due: number, order: number, from: number): void {
    let slot = from;
    while (slot > 0) {
      const above = (slot - 1) >> 2;
      const dueAbove = dues[above] as number;
      if (due > dueAbove || (due === dueAbove && order > (serials[above] as number))) break;
      put(events[above] as QueuedEvent, dueAbove, serials[above] as number, slot);
      slot = above;
    }
    put(event, due, order, slot);
  }

  function down(event: QueuedEvent, due: number, order: number, from: number): void {
    const { length } = events;
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
      put(events[child] as QueuedEvent, childDue, serials[child] as number, slot);
      slot = child;
    }
    put(event, due, order, slot);
  }

  function remove(event: QueuedEvent): void {
    const { slot } = event;
    if (slot < 0) return;
    event.slot = -1;
    const last = events.pop() as QueuedEvent;
    if (last === event) return;
    const place = events.length;
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

  function add(dueMs: number, event: QueuedEvent): void {
    // NaN would break the order of everything after it.
    if (!(dueMs < Infinity)) throw new RangeError(`an event cannot be due at ${dueMs}`);
    const place = events.length;
    if (place === dues.length) grow();
    events.push(event);
    up(event, dueMs > now ? dueMs : now, serial++, place);
  }

  return {
    get nowMs() {
      return now;
    },
    get length() {
      return events.length;
    },
    get happened() {
      return happened;
    },
    schedule(dueMs, owner, run) {
      const event: Once = { slot: -1, owner, run, happen: happenOnce };
      add(dueMs, event);
      return () => {
        remove(event);
        event.run = nothing;
      };
    },
    add,
    remove,
    next(endMs) {
      const event = events[0];
      if (!event || (dues[0] as number) > endMs) return undefined;
      const { owner } = event;
      now = dues[0] as number;
      remove(event);
      if (owner.alive) {
        happened += 1;
        event.happen();
      }
      return owner;
    },
    skipTo(ms) {
      if (ms > now) now = ms;
    },
  };
}

interface Once extends QueuedEvent {
  run: () => void;
}

/** Shared by all, instead of a closure for each: thousands are made in each second of virtual time. */
function happenOnce(this: Once): void {
  const { run } = this;
  // A kept Cancel must not keep alive what has happened.
  this.run = nothing;
  run();
}
