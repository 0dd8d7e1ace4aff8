import { drawPlan } from "./draw-plan.ts";
import type { Finding } from "./findings.ts";
import type { Plan, Step } from "./plan.ts";
import { runPlan, type MakeBalancer, type RunResult } from "./run-plan.ts";

/** One in so many plans without reloads is run twice, too. */
const REPEATED = 4;

/**
 * Runs a plan, and then again without the reloads that change nothing and those that are refused: the outcome of every
 * request, and when, must be the same. Of plans without any, every fourth is repeated as it is.
 */
export async function tryPlan(plan: Plan, make?: MakeBalancer): Promise<RunResult> {
  const first = await runPlan(plan, make);
  const reloads = plan.steps.filter((step) => step.do === "reload").length;
  if (first.findings.length > 0 || (reloads === 0 && plan.seed % REPEATED !== 0)) return first;
  const again = await runPlan({ ...plan, steps: plan.steps.map(unreloaded) }, make);
  if (again.digest === first.digest) return first;
  const finding: Finding = {
    invariant: "no effect of reloads, same seed same run",
    atMs: 0,
    detail:
      reloads > 0 ? `without its ${reloads} reloads it went otherwise` : "the second run went otherwise",
  };
  return { ...first, findings: [finding] };
}

function unreloaded(step: Step): Step {
  return step.do === "reload" ? { ...step, what: "none" } : step;
}

export const trySeed = (seed: number, make?: MakeBalancer): Promise<RunResult> =>
  tryPlan(drawPlan(seed), make);
