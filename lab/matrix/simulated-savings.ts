import type { Scenario } from "../../scenarios/scenario.ts";
import type { Choice } from "../measures/choice.ts";
import type { Platform } from "../world/simulated/platform.ts";
import { runCell, type CellTask } from "./cell.ts";
import { askedForBy, savingOf, type Saving } from "./savings.ts";

/** For a simulated run: the same again, with the same team and seed, and each measure beside those that were on. */
export async function simulatedSavings(
  scenario: Scenario,
  task: CellTask,
  lost: number,
  platform: Platform,
): Promise<readonly Saving[]> {
  const savings: Saving[] = [];
  for (const kind of askedForBy(scenario)) {
    const { name, addsNothing } = kind;
    if (addsNothing || name in task.choice.with) savings.push(savingOf(kind, lost, 0, "on"));
    else {
      const choice: Choice = { ...task.choice, with: { ...task.choice.with, [name]: {} } };
      const run = await runCell(scenario, { ...task, choice }, platform);
      if (run.void === null)
        savings.push(savingOf(kind, lost, lost - run.userMinutesLostPer1000, "simulated"));
    }
  }
  return savings;
}
