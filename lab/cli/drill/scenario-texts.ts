import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CodedError, systemCode } from "../../../runtime/errors.ts";
import type { LoadedScenario } from "../../contract/load-scenario.ts";

const SCENARIO_TEXTS = ["brief.md", "answer.md"] as const;

/**
 * A text of a scenario. Throws CodedError ENVIRONMENT when it is not there, with the alias alone: where it should be names
 * the incident.
 */
export function scenarioText(
  { scenario, folder }: Pick<LoadedScenario, "scenario" | "folder">,
  name: (typeof SCENARIO_TEXTS)[number],
): string {
  try {
    return readFileSync(join(folder, name), "utf8").trim();
  } catch (error) {
    throw new CodedError(
      "ENVIRONMENT",
      `the ${name} of "${scenario.alias}" cannot be read (${systemCode(error) ?? "unknown"}): this installation is not whole`,
      { hint: "npx lblab doctor says what is missing", cause: error },
    );
  }
}

/** Which of a scenario's texts are missing. */
export const missingTexts = ({ folder }: Pick<LoadedScenario, "folder">): readonly string[] =>
  SCENARIO_TEXTS.filter((name) => !existsSync(join(folder, name)));
