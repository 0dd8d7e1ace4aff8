import { existsSync } from "node:fs";
import { join } from "node:path";
import { findScenario } from "../../../scenarios/index.ts";
import type { Scenario } from "../../../scenarios/scenario.ts";
import type { LoadedScenario } from "../../contract/load-scenario.ts";
import { scenarioNamed } from "../named.ts";

export const ownIncident = (scenario: Scenario, root: string): LoadedScenario => ({
  scenario,
  folder: join(root, "scenarios", scenario.id),
  source: scenario.id,
});

/** One of the lab's own by alias or id, or any other by its path. Throws CodedError USAGE, NOT_FOUND or CONFIG_INVALID. */
export async function incidentGiven(given: string, root: string): Promise<LoadedScenario> {
  if (findScenario(given) || !looksLikePath(given)) return ownIncident(scenarioNamed(given), root);
  // Loaded when needed: one of the lab's own does not wait for the loader of others.
  const { loadScenario } = await import("../../contract/load-scenario.ts");
  return loadScenario(given, root);
}

/** True for a path as people write it: with a separator, a dot in front, or the ending of a script. */
export const isPath = (given: string): boolean => /[\\/]|^\.|\.[cm]?[jt]s$/.test(given);

const looksLikePath = (given: string): boolean => isPath(given) || existsSync(given);
