import { every, type Clock } from "../../runtime/clock.ts";

/** What half of the values are above. NaN for none. */
export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const SAMPLE_MS = 100;

/** The level of something that goes up and down, as memory does with each collection, while something else is done. */
export async function levelWhile(
  clock: Clock,
  read: () => number,
  run: () => Promise<void>,
): Promise<number> {
  const samples: number[] = [read()];
  const stop = every(clock, SAMPLE_MS, () => void samples.push(read()));
  try {
    await run();
  } finally {
    stop();
  }
  return median(samples);
}
