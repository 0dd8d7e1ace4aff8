import type { JudgedClaim } from "./judge-claims.ts";

/** A claim over several seeds. `measured` is the mean, or the answer that came, with how often where there were several. */
export interface ClaimOverSeeds extends JudgedClaim {
  /** Seeds on which it held. */
  readonly held: number;
  readonly seeds: number;
  /** 95 % interval of the mean, after Student; absent for what is no number, and for a single seed. */
  readonly interval?: readonly [low: number, high: number];
}

/** The same claims as they came out on each of several seeds, as one. A claim holds when it held on all of them. */
export function overSeeds(runs: readonly (readonly JudgedClaim[])[]): ClaimOverSeeds[] {
  const [first = []] = runs;
  return first.map((claim, i): ClaimOverSeeds => {
    const same = runs.map((run) => run[i] ?? claim);
    const held = same.filter(({ ok }) => ok).length;
    const values = same.map(({ measured }) => measured);
    const numbers = values.filter((value) => typeof value === "number");
    const all = { ...claim, ok: held === runs.length, held, seeds: runs.length };
    if (numbers.length < values.length) return { ...all, measured: commonest(values) };
    const { mean, margin } = meanOf(numbers);
    const measured = rounded(mean);
    if (margin === undefined) return { ...all, measured };
    return { ...all, measured, interval: [rounded(mean - margin), rounded(mean + margin)] };
  });
}

/** Student's t at 97.5 %, by degrees of freedom from 1 on; beyond them the last is a little too wide. */
const STUDENT = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
  2.12, 2.11, 2.101, 2.093,
] as const;

export function meanOf(values: readonly number[]): {
  readonly mean: number;
  readonly margin: number | undefined;
} {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const student = STUDENT[Math.min(n - 2, STUDENT.length - 1)];
  if (student === undefined) return { mean, margin: undefined };
  const variance = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / (n - 1);
  return { mean, margin: student * Math.sqrt(variance / n) };
}

function commonest(values: readonly JudgedClaim["measured"][]): JudgedClaim["measured"] {
  const counts = new Map<JudgedClaim["measured"], number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const [[only] = [null]] = counts;
  if (counts.size === 1) return only;
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([value, count]) => `${value ?? "never"} (${count})`)
    .join(", ");
}

const rounded = (value: number): number => Math.round(value * 10_000) / 10_000;
