import { parentPort, workerData } from "node:worker_threads";
import { loadScenario, type LoadedScenario } from "./load-scenario.ts";
import { runTrial } from "./run-trial.ts";
import type { Task, ThreadAnswer } from "./threads.ts";

/** A thread that runs one trial after the other, as they are handed to it. */

const { root, dashboards } = workerData as { readonly root: string; readonly dashboards: string };
const known = new Map<string, Promise<LoadedScenario>>();

async function answer({ source, trial }: Task): Promise<ThreadAnswer> {
  try {
    let loading = known.get(source);
    if (!loading) known.set(source, (loading = loadScenario(source, root)));
    const { scenario } = await loading;
    return { report: await runTrial(scenario, trial, { dashboards }) };
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

parentPort?.on("message", (task: Task) => {
  void answer(task).then((told) => parentPort?.postMessage(told));
});
