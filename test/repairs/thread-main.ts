import { workerData } from "node:worker_threads";
import { answerTasks } from "../../runtime/threads.ts";
import { findScenario } from "../../scenarios/index.ts";
import { tryRepair, type Tried } from "./try-repair.ts";

/** A thread that tries one repair after the other. */

export interface RepairTask {
  readonly scenario: string;
  readonly seed: number;
}

const { dashboards } = workerData as { readonly dashboards: string };

answerTasks(async ({ scenario, seed }: RepairTask): Promise<Tried> => {
  const found = findScenario(scenario);
  if (!found) throw new Error(`there is no scenario ${scenario}`);
  return tryRepair(found, seed, dashboards);
});
