import { parentPort, workerData } from "node:worker_threads";
import { findScenario } from "../../scenarios/index.ts";
import type { Scenario } from "../../scenarios/scenario.ts";
import { loadScenario } from "./load-scenario.ts";
import { runTrial } from "./run-trial.ts";
import type { Task, ThreadAnswer } from "./threads.ts";

/** A thread that runs one trial after the other, as they are handed to it. */

const { root, dashboards } = workerData as { readonly root: string; readonly dashboards: string };
const known = new Map<string, Promise<Scenario>>();

const scenarioOf = async (source: string): Promise<Scenario> =>
  findScenario(source) ?? (await loadScenario(source, root)).scenario;

async function answer({ source, trial }: Task): Promise<ThreadAnswer> {
  try {
    let loading = known.get(source);
    if (!loading) known.set(source, (loading = scenarioOf(source)));
    const scenario = await loading;
    return { report: await runTrial(scenario, trial, { dashboards }) };
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

parentPort?.on("message", (task: Task) => {
  void answer(task).then((told) => parentPort?.postMessage(told));
});
