import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, extname, join, resolve } from "node:path";
import { CodedError } from "../../runtime/errors.ts";
import type { Scenario } from "../../scenarios/scenario.ts";
import { alertNames } from "./alert-names.ts";
import { evaluateModule } from "./evaluate-module.ts";
import { shapeFaults } from "./scenario-shape.ts";
import { faultsOf } from "./scenario-faults.ts";

/** A scenario with the folder that holds its texts. */
export interface LoadedScenario {
  readonly scenario: Scenario;
  readonly folder: string;
  /** What it is loaded by again: an id, or an absolute path. */
  readonly source: string;
}

const FILES = ["scenario.ts", "scenario.mjs", "scenario.js"] as const;
const TEXTS = ["brief.md", "answer.md"] as const;

/**
 * Loads a scenario by the path of its folder or file, and runs its code. Throws CodedError NOT_FOUND, or CONFIG_INVALID
 * with `file: path: reason` for everything that is wrong with it.
 */
export async function loadScenario(path: string, root: string): Promise<LoadedScenario> {
  const file = fileOf(resolve(path));
  const scenario = onlyScenarioOf(file, await evaluateModule(file));
  const folder = dirname(file);
  const faults = await faultsOf(scenario, alertNames(root));
  for (const text of TEXTS)
    if (!existsSync(join(folder, text)) || readFileSync(join(folder, text), "utf8").trim() === "")
      faults.push({ path: text, reason: "is missing or empty, beside the scenario's file" });
  if (faults.length > 0) throw invalid(file, faults);
  return { scenario, folder, source: file };
}

function fileOf(path: string): string {
  if (!existsSync(path)) throw new CodedError("NOT_FOUND", `there is no file or folder ${path}`);
  if (!statSync(path).isDirectory()) {
    if (FILES.some((name) => extname(name) === extname(path))) return path;
    throw new CodedError("USAGE", `${path}: a scenario is a file with one of the endings .ts, .mjs, .js`);
  }
  const found = FILES.map((name) => join(path, name)).find((file) => existsSync(file));
  if (found !== undefined) return found;
  throw new CodedError("NOT_FOUND", `${path} holds none of ${FILES.join(", ")}`, {
    hint: "npx lblab scenario new NAME writes a folder that has all that is needed",
  });
}

/** The one export that is a scenario, once its shape is known to be right. */
function onlyScenarioOf(file: string, exported: Readonly<Record<string, unknown>>): Scenario {
  const candidates = Object.values(exported).filter(
    (value): value is object => typeof value === "object" && value !== null && "paces" in value,
  );
  const [only] = candidates;
  if (only === undefined || candidates.length > 1)
    throw new CodedError(
      "CONFIG_INVALID",
      `${file}: exports ${candidates.length === 0 ? "no scenario" : `${candidates.length} scenarios`}: there must be one, an object with "paces"`,
    );
  const faults = shapeFaults(only);
  if (faults.length > 0) throw invalid(file, faults);
  return only as Scenario;
}

const invalid = (
  file: string,
  faults: readonly { readonly path: string; readonly reason: string }[],
): CodedError =>
  new CodedError(
    "CONFIG_INVALID",
    faults.map(({ path, reason }) => `${file}: ${path}: ${reason}`).join("\n"),
  );
