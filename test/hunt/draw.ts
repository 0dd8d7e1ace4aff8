import type { Random } from "../../runtime/random.ts";

/** Seeded random draws for plans. */
export interface Draw {
  below(limit: number): number;
  /** A whole number, both ends included. */
  between(from: number, to: number): number;
  one<const T>(from: readonly T[]): T;
  sometimes(probability: number): boolean;
  times<T>(count: number, make: (turn: number) => T): T[];
  /** A moment before `lengthMs`, in tenths of a millisecond; whole numbers meet now and then. */
  moment(lengthMs: number): number;
  /** Some of these, in their order. */
  some<const T>(from: readonly T[]): T[];
}

export function createDraw(random: Random): Draw {
  const below = (limit: number): number => random.below(limit);
  return {
    below,
    between: (from, to) => from + below(to - from + 1),
    one: <T>(from: readonly T[]): T => from[below(from.length)] as T,
    sometimes: (probability) => random.next() < probability,
    times: (count, make) => Array.from({ length: count }, (_, turn) => make(turn)),
    moment: (lengthMs) => (random.next() < 0.3 ? below(lengthMs / 10) * 10 : below(lengthMs * 10) / 10),
    some: (from) => from.filter(() => random.next() < 0.5),
  };
}
