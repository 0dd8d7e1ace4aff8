import { join } from "node:path";
import { every, systemClock } from "../../runtime/clock.ts";
import { EXIT } from "../../runtime/errors.ts";
import type { Scenario } from "../../scenarios/scenario.ts";
import { fidelityOf, holds, type ScenarioFidelity } from "../fidelity/fidelity.ts";
import { createVirtualTime } from "../world/simulated/virtual-time.ts";
import { fidelityText } from "./fidelity-text.ts";
import type { Output } from "./output.ts";

export interface FidelityRequest {
  readonly scenarios: readonly Scenario[];
  readonly seed: number;
}

export interface FidelityDeps {
  readonly output: Output;
  readonly root: string;
  readonly signal: AbortSignal;
}

const PROGRESS_EVERY_MS = 5000;

/** Lives through the scenarios one after another and sets each beside its report; returns the exit code. */
export async function fidelity(
  { scenarios, seed }: FidelityRequest,
  { output, root, signal }: FidelityDeps,
): Promise<number> {
  const seen: { readonly scenario: Scenario; readonly fidelity: ScenarioFidelity }[] = [];
  for (const scenario of scenarios) {
    const begun = systemClock.now();
    const time = createVirtualTime();
    const tell = (what: string): void =>
      output.note(
        `  ${scenario.alias}: ${(time.nowMs / 60_000).toFixed(1)} virtual minutes in ${Math.round((systemClock.now() - begun) / 1000)} s${what}`,
      );
    const stop = every(systemClock, PROGRESS_EVERY_MS, () => tell(""));
    try {
      const { simulation: _simulation, ...found } = await fidelityOf(scenario, {
        seed,
        dashboards: join(root, "dashboards"),
        time,
        signal,
      });
      seen.push({ scenario, fidelity: found });
      tell(`: score ${found.score}`);
    } finally {
      stop();
    }
  }
  if (output.json) output.printJson({ schemaVersion: 1, seed, scenarios: seen.map((one) => one.fidelity) });
  else output.print(fidelityText(seen));
  return seen.every((one) => holds(one.fidelity)) ? EXIT.ok : EXIT.notSolved;
}
