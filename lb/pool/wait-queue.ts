import { createHeap, type Heap, type HeapEntry } from "../../runtime/heap.ts";

/** A place in the queue. */
export interface Ticket<K, T> {
  readonly item: T;
  /** Order of arrival. */
  readonly serial: number;
  /** The one it waits for; undefined: whichever is free first. */
  readonly owner: K | undefined;
}

export interface WaitQueue<K, T> {
  readonly length: number;
  /** Undefined when the queue is full. */
  enter(item: T, owner: K | undefined): Ticket<K, T> | undefined;
  /** Out of the line, wherever in it. False when it had left already. */
  leave(ticket: Ticket<K, T>): boolean;
  /** The longest waiting of those that wait for `owner` and those that wait for anyone, who stays. */
  first(owner: K): Ticket<K, T> | undefined;
  /** Takes out the longest waiting of those that wait for `owner` and those that wait for anyone. */
  next(owner: K): Ticket<K, T> | undefined;
  /** Waits for another from now on, with the time it has waited. The queue's limit does not count here. */
  move(ticket: Ticket<K, T>, owner: K | undefined): void;
  /** Those that wait for `owner`, or for anyone if undefined, the longest waiting first. They stay. */
  waitingFor(owner: K | undefined): Ticket<K, T>[];
  resize(limit: number): void;
}

interface Place<K, T> extends Ticket<K, T>, HeapEntry {
  owner: K | undefined;
}

type Line<K, T> = Heap<Place<K, T>>;

/**
 * A bounded queue of one line for each owner and one for all others, each in the order of arrival, also of those who have
 * changed lines: to enter costs nothing, all else O(log n).
 */
export function createWaitQueue<K, T>(limit: number): WaitQueue<K, T> {
  let length = 0;
  let serial = 0;
  const anyone = createHeap<Place<K, T>>(earlier);
  const lines = new Map<K, Line<K, T>>();

  function join(place: Place<K, T>) {
    length += 1;
    const { owner } = place;
    if (owner === undefined) return anyone.add(place);
    let line = lines.get(owner);
    if (!line) {
      line = createHeap<Place<K, T>>(earlier);
      lines.set(owner, line);
    }
    line.add(place);
  }

  function part(place: Place<K, T>): boolean {
    if (place.slot === -1) return false;
    const { owner } = place;
    const line = owner === undefined ? anyone : lines.get(owner);
    line?.remove(place);
    // An upstream that is gone must not be kept by its empty line.
    if (owner !== undefined && !line?.first()) lines.delete(owner);
    length -= 1;
    return true;
  }

  function firstOf(owner: K): Place<K, T> | undefined {
    const own = lines.get(owner)?.first();
    const any = anyone.first();
    return own && any ? (earlier(own, any) ? own : any) : (own ?? any);
  }

  return {
    get length() {
      return length;
    },
    enter(item, owner) {
      if (length >= limit) return undefined;
      const place: Place<K, T> = { item, serial: serial++, owner, slot: -1 };
      join(place);
      return place;
    },
    leave: (ticket) => part(ticket as Place<K, T>),
    first: firstOf,
    next(owner) {
      const first = firstOf(owner);
      if (first) part(first);
      return first;
    },
    move(ticket, owner) {
      const place = ticket as Place<K, T>;
      if (!part(place)) return;
      place.owner = owner;
      join(place);
    },
    waitingFor(owner) {
      const line = owner === undefined ? anyone : lines.get(owner);
      return line ? [...line.entries].sort((a, b) => a.serial - b.serial) : [];
    },
    resize(newLimit) {
      limit = newLimit;
    },
  };
}

function earlier(a: { readonly serial: number }, b: { readonly serial: number }): boolean {
  return a.serial < b.serial;
}
