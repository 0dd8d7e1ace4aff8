import { availableParallelism } from "node:os";
import { join } from "node:path";
import { every, systemClock } from "../../../runtime/clock.ts";
import { EXIT } from "../../../runtime/errors.ts";
import type { Scenario } from "../../../scenarios/scenario.ts";
import { inThreads } from "../../../runtime/threads.ts";
import { holds, scoreOf, type ScenarioFidelity } from "../../fidelity/fidelity.ts";
import type { JudgedClaim } from "../../fidelity/judge-claims.ts";
import { overSeeds } from "../../fidelity/over-seeds.ts";
import type { FidelityTask } from "./fidelity-thread.ts";
import { fidelityText } from "./fidelity-text.ts";
import type { Output } from "../output.ts";

export interface FidelityRequest {
  readonly scenarios: readonly Scenario[];
  readonly seeds: readonly number[];
}

export interface FidelityDeps {
  readonly output: Output;
  readonly root: string;
  readonly signal: AbortSignal;
}

const PROGRESS_EVERY_MS = 5000;

/** Simulates the scenarios on every seed, in parallel, and sets each beside its report; returns the exit code. */
export async function fidelity(
  { scenarios, seeds }: FidelityRequest,
  { output, root, signal }: FidelityDeps,
): Promise<number> {
  const begun = systemClock.now();
  // The longest first: the last one should not keep one core busy alone.
  const longest = scenarios.toSorted((a, b) => b.report.minutes.restore - a.report.minutes.restore);
  const tasks = longest.flatMap(({ id }) => seeds.map((seed): FidelityTask => ({ scenario: id, seed })));
  const runs = new Map<string, JudgedClaim[]>();
  const report = (what: string): void =>
    output.note(
      `  ${runs.size} of ${tasks.length} runs in ${Math.round((systemClock.now() - begun) / 1000)} s${what}`,
    );
  const stop = every(systemClock, PROGRESS_EVERY_MS, () => report(""));
  try {
    await inThreads<FidelityTask, JudgedClaim[]>(
      tasks,
      {
        count: Math.min(availableParallelism(), tasks.length),
        main: new URL("./fidelity-thread.js", import.meta.url),
        data: { dashboards: join(root, "dashboards") },
      },
      ({ scenario, seed }, claims) => {
        runs.set(`${scenario} ${seed}`, claims);
        const alias = scenarios.find(({ id }) => id === scenario)?.alias ?? scenario;
        report(`: ${alias}: seed ${seed}, score ${scoreOf(claims)}`);
      },
      signal,
    );
  } finally {
    stop();
  }
  const seen = scenarios.map((scenario): { scenario: Scenario; fidelity: ScenarioFidelity } => {
    const claims = overSeeds(seeds.map((seed) => runs.get(`${scenario.id} ${seed}`) ?? []));
    const { contradictions, statements } = scenario.report;
    return {
      scenario,
      fidelity: { id: scenario.id, claims, contradictions, statements, score: scoreOf(claims) },
    };
  });
  const [seed] = seeds;
  if (output.json)
    output.printJson({ schemaVersion: 1, seed, seeds, scenarios: seen.map((one) => one.fidelity) });
  else output.print(fidelityText(seen));
  return seen.every((one) => holds(one.fidelity)) ? EXIT.ok : EXIT.notSolved;
}
