import { workerData } from "node:worker_threads";
import { findScenario } from "../../scenarios/index.ts";
import type { Scenario } from "../../scenarios/scenario.ts";
import { loadScenario } from "./load-scenario.ts";
import { runTrial } from "./run-trial.ts";
import { answerTasks } from "../../runtime/threads.ts";
import type { Task, TrialReport } from "./trial.ts";

/** A thread that runs one trial after the other, as they are posted to it. */

export interface TrialThreadData {
  /** The checkout. */
  readonly root: string;
  readonly dashboards: string;
}

const { root, dashboards } = workerData as TrialThreadData;
const known = new Map<string, Promise<Scenario>>();

const scenarioOf = async (source: string): Promise<Scenario> =>
  findScenario(source) ?? (await loadScenario(source, root)).scenario;

answerTasks(async ({ source, trial }: Task): Promise<TrialReport> => {
  let loading = known.get(source);
  if (!loading) known.set(source, (loading = scenarioOf(source)));
  return runTrial(await loading, trial, { dashboards });
});
