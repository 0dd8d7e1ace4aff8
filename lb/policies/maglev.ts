import { z } from "zod";
import { hash32 } from "../../runtime/random.ts";
import { keyOption } from "./key-option.ts";
import type { Candidate, Policy, PolicyDeps } from "./policy.ts";

export const options = z.strictObject({
  type: z.literal("maglev"),
  key: keyOption,
  tableSize: z
    .int()
    .min(2)
    .max(1_000_003)
    .refine(isPrime, "must be a prime number")
    .default(65_537)
    .describe("Places in the table, a prime number; a hundred for each upstream share them out within 1 %"),
});

interface Table<C> {
  /** The index of each place's owner. */
  readonly places: Int32Array;
  readonly owners: readonly C[];
}

/**
 * Maglev hashing (Eisenbud et al., NSDI 2016): each upstream prefers the table's places in an order of its own, and they
 * take turns in claiming the next free one, weighted as Envoy does it. Even shares, one look-up for a pick; one that comes
 * or goes moves its own keys and a few others. The table depends on names and weights alone, so a restart moves no key.
 */
export function create<C extends Candidate>(
  { tableSize }: z.infer<typeof options>,
  { candidates, random }: PolicyDeps<C>,
): Policy<C> {
  let table: Table<C> | undefined;
  return {
    pins: true,
    reason: "hash",
    pick({ key }, avoid) {
      if (candidates.length === 0) return undefined;
      const { places, owners } = (table ??= fill(candidates, tableSize));
      const start = key === undefined ? random.below(tableSize) : hash32(key) % tableSize;
      for (let step = 0; step < MOST_STEPS; step++) {
        const owner = owners[places[(start + step) % tableSize] ?? 0];
        if (owner && !avoid.has(owner)) return owner;
      }
      return candidates.find((candidate) => !avoid.has(candidate));
    },
    changed() {
      table = undefined;
    },
  };
}

/** How far along the table a request looks for one that it need not avoid, before it takes any such. */
const MOST_STEPS = 64;

function fill<C extends Candidate>(candidates: readonly C[], size: number): Table<C> {
  // By name: the order of the configuration must not matter.
  const owners = [...candidates].sort((a, b) => (a.name < b.name ? -1 : 1));
  const heaviest = owners.reduce((most, { weight }) => Math.max(most, weight), 0);
  const next = owners.map(({ name }) => hash32(`${name}#offset`) % size);
  const skips = owners.map(({ name }) => 1 + (hash32(`${name}#skip`) % (size - 1)));
  /** How much of a turn each has saved up: the heaviest takes one in every round. */
  const due = owners.map(() => 0);
  const places = new Int32Array(size).fill(-1);
  for (let filled = 0; filled < size;)
    for (let i = 0; i < owners.length && filled < size; i++) {
      due[i] = (due[i] ?? 0) + (owners[i]?.weight ?? 0);
      if ((due[i] ?? 0) < heaviest) continue;
      due[i] = (due[i] ?? 0) - heaviest;
      let place = next[i] ?? 0;
      const skip = skips[i] ?? 1;
      while (places[place] !== -1) place = (place + skip) % size;
      places[place] = i;
      next[i] = place;
      filled++;
    }
  return { places, owners };
}

function isPrime(number: number): boolean {
  if (number < 4) return number > 1;
  for (let divisor = 2; divisor * divisor <= number; divisor++) if (number % divisor === 0) return false;
  return true;
}
