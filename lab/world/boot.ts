import type { Random } from "../../runtime/random.ts";
import type { Unit } from "./host.ts";

/**
 * Starts units as a booting machine does: in an order that `random` decides, except that whatever a unit is ordered
 * `before` starts only once that unit has become ready or has failed. `done` is called when all have.
 */
export function boot(units: readonly Unit[], random: Random, done: () => void): void {
  const waiting = shuffled(units, random);
  const settled = new Set<string>();
  let underWay = 0;
  let finished = false;
  turn();

  function turn() {
    for (;;) {
      const next = waiting.findIndex(isFree);
      // With nothing starting and nothing free to start, the order has a cycle: one of its members has to begin.
      const index = next < 0 && underWay === 0 ? 0 : next;
      const [unit] = index < 0 ? [] : waiting.splice(index, 1);
      if (!unit) break;
      underWay += 1;
      unit.start();
      unit.onceSettled(() => {
        underWay -= 1;
        settled.add(unit.name);
        turn();
      });
    }
    if (finished || underWay > 0 || waiting.length > 0) return;
    finished = true;
    done();
  }

  function isFree(unit: Unit): boolean {
    return units.every(
      (other) => settled.has(other.name) || other.definition.before?.includes(unit.name) !== true,
    );
  }
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const left = [...items];
  return items.flatMap(() => left.splice(random.below(left.length), 1));
}
