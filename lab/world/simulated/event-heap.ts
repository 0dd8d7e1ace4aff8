/** An entry of the heap. */
export interface HeapEntry {
  /** Kept by the heap; -1 while it is not in it. */
  heapSlot: number;
}

const CHILDREN = 4;
const FIRST_CAPACITY = 256;

/**
 * A heap of four children a node: entries keep their index, so that most of them, timeouts, are removed before they come up.
 * The sort keys lie side by side in arrays of their own, since comparing is all that a heap does.
 */
export class EventHeap<E extends HeapEntry> {
  private dues = new Float64Array(FIRST_CAPACITY);
  private serials = new Float64Array(FIRST_CAPACITY);
  private readonly entries: E[] = [];
  private serial = 0;

  get length(): number {
    return this.entries.length;
  }

  /** The entry that is due first, and by its adding where times are equal. */
  get first(): E | undefined {
    return this.entries[0];
  }

  /** When the first is due; of no meaning without one. */
  get firstDue(): number {
    return this.dues[0] as number;
  }

  add(due: number, entry: E): void {
    const place = this.entries.length;
    if (place === this.dues.length) this.grow();
    this.entries.push(entry);
    this.up(entry, due, this.serial++, place);
  }

  /** Takes it out, if it is in the heap. */
  remove(entry: E): void {
    const slot = entry.heapSlot;
    if (slot < 0) return;
    entry.heapSlot = -1;
    const last = this.entries.pop() as E;
    if (last === entry) return;
    const place = this.entries.length;
    const due = this.dues[place] as number;
    const order = this.serials[place] as number;
    if (slot > 0 && this.isBefore(due, order, (slot - 1) >> 2)) this.up(last, due, order, slot);
    else this.down(last, due, order, slot);
  }

  private isBefore(due: number, order: number, slot: number): boolean {
    const other = this.dues[slot] as number;
    return due < other || (due === other && order < (this.serials[slot] as number));
  }

  private put(entry: E, due: number, order: number, slot: number): void {
    this.dues[slot] = due;
    this.serials[slot] = order;
    this.entries[slot] = entry;
    entry.heapSlot = slot;
  }

  private up(entry: E, due: number, order: number, from: number): void {
    let slot = from;
    while (slot > 0) {
      const above = (slot - 1) >> 2;
      if (!this.isBefore(due, order, above)) break;
      this.put(this.entries[above] as E, this.dues[above] as number, this.serials[above] as number, slot);
      slot = above;
    }
    this.put(entry, due, order, slot);
  }

  private down(entry: E, due: number, order: number, from: number): void {
    let slot = from;
    for (;;) {
      const child = this.firstChild(slot);
      if (child < 0 || this.isBefore(due, order, child)) break;
      this.put(this.entries[child] as E, this.dues[child] as number, this.serials[child] as number, slot);
      slot = child;
    }
    this.put(entry, due, order, slot);
  }

  /** The child that is due first; -1 when there is none. */
  private firstChild(slot: number): number {
    const first = slot * CHILDREN + 1;
    const { length } = this.entries;
    if (first >= length) return -1;
    const end = first + CHILDREN < length ? first + CHILDREN : length;
    let child = first;
    let childDue = this.dues[first] as number;
    for (let i = first + 1; i < end; i++) {
      const other = this.dues[i] as number;
      if (
        other > childDue ||
        (other === childDue && (this.serials[i] as number) > (this.serials[child] as number))
      )
        continue;
      child = i;
      childDue = other;
    }
    return child;
  }

  private grow(): void {
    this.dues = doubled(this.dues);
    this.serials = doubled(this.serials);
  }
}

function doubled(from: Float64Array): Float64Array<ArrayBuffer> {
  const to = new Float64Array(2 * from.length);
  to.set(from);
  return to;
}
