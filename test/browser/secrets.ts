import { readFileSync } from "node:fs";
import { join } from "node:path";
import { MECHANISMS } from "../../scenarios/diagnosis.ts";
import type { Scenario } from "../../scenarios/scenario.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const read = (...path: string[]): string => readFileSync(join(ROOT, ...path), "utf8");

/** What everyone may know: the words of a diagnosis, decoys among them, and the alert rules. */
const PUBLIC = [
  JSON.stringify(MECHANISMS),
  read("dashboards", "alerts", "causes.rules.yml"),
  read("dashboards", "alerts", "symptoms.rules.yml"),
]
  .join("\n")
  .toLowerCase();

/** What of an incident's id, its words that are nobody else's, and its story line by line a text gives away. */
export function secretsIn(text: string, { id, spoilers }: Pick<Scenario, "id" | "spoilers">): string[] {
  const lower = text.toLowerCase();
  return [
    id,
    ...spoilers.map((word) => word.toLowerCase()).filter((word) => !PUBLIC.includes(word)),
    ...read("scenarios", id, "answer.md")
      .toLowerCase()
      .split("\n")
      .filter((line) => line.length > 40),
  ].filter((secret) => lower.includes(secret));
}
