import { workerData } from "node:worker_threads";
import { answerTasks } from "../../../runtime/threads.ts";
import { findScenario } from "../../../scenarios/index.ts";
import { runCell, type CellRun, type CellTask } from "../../matrix/cell.ts";
import { runQuietDay, type QuietRun, type QuietTask } from "../../matrix/quiet-day.ts";
import { nodePlatform } from "../../world/simulated/node-platform.ts";

/** A thread that runs one drill of the matrix after the other. */

const { dashboards } = workerData as { readonly dashboards: string };
const platform = nodePlatform(dashboards);

answerTasks(async (task: CellTask | QuietTask): Promise<CellRun | QuietRun> => {
  if ("quiet" in task) return runQuietDay(task, platform);
  const scenario = findScenario(task.scenario);
  if (!scenario) throw new Error(`there is no scenario ${task.scenario}`);
  return runCell(scenario, task, platform);
});
