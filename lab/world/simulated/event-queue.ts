import type { Cancel } from "../../../runtime/clock.ts";
import { EventHeap, type HeapEntry } from "./event-heap.ts";

/** The owner of events: those of an owner that has ended no longer happen. */
export interface EventOwner {
  readonly alive: boolean;
  /** Its events may leave promises behind, which settle before the next event of any owner. */
  readonly settles: boolean;
}

/** Something that happens, again and again if it likes, and is in the queue at most once at a time. */
export interface QueuedEvent extends HeapEntry {
  readonly owner: EventOwner;
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

const nothing = (): void => {};

export function createEventQueue(): EventQueue {
  const heap = new EventHeap<QueuedEvent>();
  let now = 0;
  let happened = 0;

  function add(dueMs: number, event: QueuedEvent): void {
    // NaN would break the order of everything after it.
    if (!(dueMs < Infinity)) throw new RangeError(`an event cannot be due at ${dueMs}`);
    heap.add(dueMs > now ? dueMs : now, event);
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
      const event: Once = { heapSlot: -1, owner, run, happen: happenOnce };
      add(dueMs, event);
      return () => {
        heap.remove(event);
        event.run = nothing;
      };
    },
    add,
    remove: (event) => heap.remove(event),
    next(endMs) {
      const event = heap.first;
      if (!event || heap.firstDue > endMs) return undefined;
      const { owner } = event;
      now = heap.firstDue;
      heap.remove(event);
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
