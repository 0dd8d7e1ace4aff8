import { workerData } from "node:worker_threads";
import { findScenario } from "../../../scenarios/index.ts";
import { answerTasks } from "../../../runtime/threads.ts";
import { fidelityOf } from "../../fidelity/fidelity.ts";
import type { JudgedClaim } from "../../fidelity/judge-claims.ts";
import { nodePlatform } from "../../world/simulated/node-platform.ts";

/** A thread that simulates one incident after the other at its report's pace. */

export interface FidelityTask {
  readonly scenario: string;
  readonly seed: number;
}

const { dashboards } = workerData as { readonly dashboards: string };

answerTasks(async ({ scenario, seed }: FidelityTask): Promise<readonly JudgedClaim[]> => {
  const found = findScenario(scenario);
  if (!found) throw new Error(`there is no scenario ${scenario}`);
  return (await fidelityOf(found, { seed, platform: nodePlatform(dashboards) })).claims;
});
