import type { Cancel } from "./clock.ts";

/** Who wants to know of something, notified in the order in which they subscribed. */
export interface Subscribers<T> {
  readonly size: number;
  /** The same function may subscribe twice. Whoever subscribes during an `emit` is not notified of it any more. */
  add(run: (value: T) => void): Cancel;
  /** Whoever is cancelled by an earlier subscriber during it is not notified. */
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
