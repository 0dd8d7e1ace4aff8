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
  /** Takes out the longest waiting of those that wait for `owner` and those that wait for anyone. */
  next(owner: K): Ticket<K, T> | undefined;
  /** Waits for another from now on, behind those that wait for it already. The queue's limit does not count here. */
  move(ticket: Ticket<K, T>, owner: K | undefined): void;
  /** Those that wait for `owner`, or for anyone if undefined, the longest waiting first. They stay. */
  waitingFor(owner: K | undefined): Ticket<K, T>[];
  resize(limit: number): void;
}

interface Place<K, T> extends Ticket<K, T> {
  owner: K | undefined;
  line: Line<K, T> | undefined;
  before: Place<K, T> | undefined;
  behind: Place<K, T> | undefined;
}

interface Line<K, T> {
  head: Place<K, T> | undefined;
  tail: Place<K, T> | undefined;
}

/**
 * A bounded queue of one line for each owner and one for all others, linked both ways: to enter, to leave from the
 * middle and to find the next costs the same however long it is.
 */
export function createWaitQueue<K, T>(limit: number): WaitQueue<K, T> {
  let length = 0;
  let serial = 0;
  const anyone: Line<K, T> = { head: undefined, tail: undefined };
  const lines = new Map<K, Line<K, T>>();

  function lineOf(owner: K | undefined): Line<K, T> {
    if (owner === undefined) return anyone;
    let line = lines.get(owner);
    if (!line) lines.set(owner, (line = { head: undefined, tail: undefined }));
    return line;
  }

  function append(place: Place<K, T>, line: Line<K, T>) {
    place.line = line;
    place.before = line.tail;
    if (line.tail) line.tail.behind = place;
    else line.head = place;
    line.tail = place;
    length += 1;
  }

  function unlink(place: Place<K, T>): boolean {
    const { line, before, behind } = place;
    if (!line) return false;
    if (before) before.behind = behind;
    else line.head = behind;
    if (behind) behind.before = before;
    else line.tail = before;
    place.line = place.before = place.behind = undefined;
    // An upstream that is gone must not be kept by its empty line.
    if (!line.head && place.owner !== undefined) lines.delete(place.owner);
    length -= 1;
    return true;
  }

  return {
    get length() {
      return length;
    },
    enter(item, owner) {
      if (length >= limit) return undefined;
      const place: Place<K, T> = {
        item,
        serial: serial++,
        owner,
        line: undefined,
        before: undefined,
        behind: undefined,
      };
      append(place, lineOf(owner));
      return place;
    },
    leave: (ticket) => unlink(ticket as Place<K, T>),
    next(owner) {
      const own = lines.get(owner)?.head;
      const any = anyone.head;
      const first = own && any ? (own.serial < any.serial ? own : any) : (own ?? any);
      if (first) unlink(first);
      return first;
    },
    move(ticket, owner) {
      const place = ticket as Place<K, T>;
      if (!unlink(place)) return;
      place.owner = owner;
      append(place, lineOf(owner));
    },
    waitingFor(owner) {
      const tickets: Ticket<K, T>[] = [];
      const line = owner === undefined ? anyone : lines.get(owner);
      for (let place = line?.head; place; place = place.behind) tickets.push(place);
      return tickets;
    },
    resize(newLimit) {
      limit = newLimit;
    },
  };
}
