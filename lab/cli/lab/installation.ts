import { existsSync } from "node:fs";
import { join } from "node:path";
import { SCENARIOS } from "../../../scenarios/index.ts";
import { builtPrograms } from "../../world/live/launcher.ts";
import { ownIncident } from "../drill/incident.ts";
import { missingTexts } from "../drill/scenario-texts.ts";

/** What the lab reads at run time beside its own code and texts, by its path in the checkout. */
const READ_AT_RUN_TIME = [
  "package.json",
  "dashboards/alertmanager.yml",
  "dashboards/alerts",
  "lab/contract/skeleton/scenario.ts",
  "lab/contract/skeleton/brief.md",
  "lab/contract/skeleton/answer.md",
] as const;

/** What is missing of an installed lab, and how to repair it. */
export interface Installation {
  readonly missing: readonly string[];
  readonly remedy: string;
}

/** A checkout has sources, and a lock of its own; a package has neither. */
const isCheckout = (root: string): boolean => existsSync(join(root, "package-lock.json"));

/** Looks at a checkout or an installed package. */
export const inspectInstallation = (root: string, dist: string): Installation => ({
  missing: missingFiles(root, dist),
  remedy: isCheckout(root)
    ? "git status and npm run build show why; npm ci installs anew"
    : "npm install with the package's tarball installs it anew",
});

/** What is missing of an installation. Texts of incidents by their aliases: where they should be names them. */
function missingFiles(root: string, dist: string): readonly string[] {
  const texts = SCENARIOS.flatMap((scenario) =>
    missingTexts(ownIncident(scenario, root)).map((name) => `${name} of "${scenario.alias}"`),
  );
  const programs = Object.entries(builtPrograms(dist)).flatMap(([name, path]) =>
    existsSync(path) ? [] : [`the program ${name}`],
  );
  return [...READ_AT_RUN_TIME.filter((path) => !existsSync(join(root, path))), ...texts, ...programs];
}
