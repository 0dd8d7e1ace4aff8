/** Collects what is to be done at the end of this turn of the loop, and does all of it then. */
export interface EndOfTurn<T> {
  add(item: T): void;
}

/**
 * `run` gets each item once every event has been emitted that the system had ready when this turn's wait ended, data and
 * ends of connections included.
 */
export function createEndOfTurn<T>(run: (item: T) => void): EndOfTurn<T> {
  let items: T[] = [];
  function end() {
    const due = items;
    items = [];
    for (const item of due) run(item);
  }
  return {
    add(item) {
      if (items.push(item) === 1) setImmediate(end);
    },
  };
}
