import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Finding } from "./findings.ts";
import type { Plan } from "./plan.ts";

/** What a seed has found, and the shortest plan that shows it. */
export interface Catch {
  readonly seed: number;
  readonly finding: Finding;
  /** Steps of the seed's own plan. */
  readonly steps: number;
  readonly shortest: Plan;
  /** Where the shortest plan was written. */
  readonly file: string;
}

export function writePlan(directory: string, seed: number, plan: Plan): string {
  mkdirSync(directory, { recursive: true });
  const file = join(directory, `seed-${seed}.json`);
  writeFileSync(file, `${JSON.stringify(plan, undefined, 2)}\n`);
  return file;
}

/** Longer ones are only to be read in their file. */
const SHOWN_STEPS = 40;

/** For people: what is broken, how to see it again, and the shortest way there. */
export function describeCatch({ seed, finding, steps, shortest, file }: Catch): string {
  const { invariant, atMs, detail } = finding;
  const upstreams = Object.values(shortest.config).reduce((sum, pool) => sum + pool.upstreams.length, 0);
  return [
    `seed ${seed} broke "${invariant}" at ${atMs.toFixed(3)} ms: ${detail}`,
    `  again:    npm run hunt -- --seed ${seed}`,
    `  shortest: npm run hunt -- --replay ${file}   (${shortest.steps.length} of ${steps} steps, ${upstreams} upstreams)`,
    ...Object.entries(shortest.config).map(([name, pool]) => `    pool ${name}: ${JSON.stringify(pool)}`),
    ...shortest.steps.slice(0, SHOWN_STEPS).map((step) => `    ${JSON.stringify(step)}`),
    ...(shortest.steps.length > SHOWN_STEPS ? ["    ..."] : []),
  ].join("\n");
}
