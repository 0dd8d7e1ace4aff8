import type { Cancel } from "./clock.ts";

/** Subscribers to something, notified in the order in which they subscribed. */
export interface Subscribers<T> {
  readonly size: number;
  /** The same function may subscribe twice. A function added during an `emit` is not called by it. */
  add(run: (value: T) => void): Cancel;
  /** A subscription that an earlier subscriber cancels meanwhile is not notified. */
  emit(value: T): void;
}

export function createSubscribers<T>(): Subscribers<T> {
  const all = new Set<{ readonly run: (value: T) => void }>();
  return {
    get size() {
      return all.size;
    },
    add(run) {
      const one = { run };
      all.add(one);
      return () => void all.delete(one);
    },
    emit(value) {
      for (const one of Array.from(all)) if (all.has(one)) one.run(value);
    },
  };
}
