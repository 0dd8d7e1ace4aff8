/** An entry of a heap, which knows its slot, so that it can be moved or removed without a search. */
export interface HeapEntry {
  /** Kept by the heap; -1 while the entry is in none. */
  slot: number;
}

export interface Heap<E extends HeapEntry> {
  /** The entry that comes before all others. */
  first(): E | undefined;
  /** All entries, in heap order. */
  readonly entries: readonly E[];
  add(entry: E): void;
  remove(entry: E): void;
  /** Restores the order after the entry's rank may have changed. */
  moved(entry: E): void;
}

/** A binary heap: everything but `first` costs O(log n). `before` must be a strict total order. */
export function createHeap<E extends HeapEntry>(before: (a: E, b: E) => boolean): Heap<E> {
  const entries: E[] = [];

  function put(entry: E, slot: number) {
    entries[slot] = entry;
    entry.slot = slot;
  }

  function settle(entry: E) {
    let slot = entry.slot;
    while (slot > 0) {
      const up = (slot - 1) >> 1;
      const parent = entries[up];
      if (!parent || !before(entry, parent)) break;
      put(parent, slot);
      slot = up;
    }
    for (;;) {
      const left = entries[2 * slot + 1];
      const right = entries[2 * slot + 2];
      const child = left && right && before(right, left) ? right : left;
      if (!child || !before(child, entry)) break;
      const down = child.slot;
      put(child, slot);
      slot = down;
    }
    put(entry, slot);
  }

  return {
    entries,
    first: () => entries[0],
    add(entry) {
      put(entry, entries.length);
      settle(entry);
    },
    remove(entry) {
      const { slot } = entry;
      const last = entries.pop();
      entry.slot = -1;
      if (!last || last === entry) return;
      put(last, slot);
      settle(last);
    },
    moved: settle,
  };
}
