import type { Capacity } from "../../backends/capacity.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Random } from "../../runtime/random.ts";

export interface Offered {
  readonly offered: number;
  readonly refused: number;
  /** Milliseconds from arrival to the end of service, in the order they ended. */
  readonly latenciesMs: readonly number[];
  /** Milliseconds from arrival to the start of service. */
  readonly waitsMs: readonly number[];
}

/** Open-loop Poisson arrivals at a capacity, from now until `clock` is no longer advanced. */
export function offerLoad(
  capacity: Capacity,
  perSecond: number,
  { clock, random }: { clock: Clock; random: Random },
): Offered {
  const result = { offered: 0, refused: 0, latenciesMs: [] as number[], waitsMs: [] as number[] };
  const next = () => clock.after(random.exponential(1000 / perSecond), arrive);
  function arrive() {
    next();
    const at = clock.now();
    result.offered++;
    const taken = capacity.admit({
      start: ({ startedAt }) => result.waitsMs.push(startedAt - at),
      done: () => result.latenciesMs.push(clock.now() - at),
    });
    if (!taken) result.refused++;
  }
  next();
  return result;
}

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
