import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import type { Runner } from "../../../lab/cli/context.ts";
import { scenarioNamed } from "../../../lab/cli/named.ts";
import { createProgram } from "../../../lab/cli/program.ts";
import { spoiltIn } from "../../../lab/contract/seen.ts";
import { messageOf } from "../../../runtime/errors.ts";
import { MECHANISMS, SCOPES } from "../../../scenarios/diagnosis.ts";
import { SCENARIOS } from "../../../scenarios/index.ts";

/** What would reveal an incident's answer, or which alias is which. */
const WORDS = SCENARIOS.flatMap(({ id, spoilers }) => [id, ...spoilers]);

const idle = async (): Promise<void> => {};
const runner: Runner = { run: () => idle, onLab: () => idle, acting: () => idle };

function helpOf(command: Command): string {
  const printed: string[] = [];
  command.configureOutput({ writeOut: (text) => void printed.push(text) });
  command.outputHelp();
  return [printed.join(""), ...command.commands.map(helpOf)].join("\n");
}

/** Words of a diagnosis are always listed, decoys included, with the same text whatever the incident. */
function withoutDiagnosisWords(text: string): string {
  const listed = [...Object.entries(MECHANISMS), ...Object.entries(SCOPES)].flat();
  return listed.reduce((left, word) => left.replaceAll(word, ""), text);
}

describe("what a trainee can read before the end", () => {
  it("has no word of an answer in the help of any command", () => {
    const help = helpOf(createProgram(runner, "0.0.0"));
    expect(help).toContain("lblab diagnose");
    expect(spoiltIn([["help", withoutDiagnosisWords(help)]], WORDS)).toEqual([]);
  });

  it.each([
    "README.md",
    "CHANGELOG.md",
    ...["authors", "containers", "judge", "monitoring", "promql", "runbooks", "virtual-time", "words"].map(
      (page) => `docs/${page}.md`,
    ),
  ])("has no word of an answer in %s", (file) => {
    const text = readFileSync(join(import.meta.dirname, "..", "..", "..", file), "utf8");
    expect(spoiltIn([[file, text]], WORDS)).toEqual([]);
  });

  it("suggests aliases only for a name that is nearly an incident's id", () => {
    for (const { id } of SCENARIOS) {
      let message = "";
      try {
        scenarioNamed(`${id}s`);
      } catch (error) {
        message = `${messageOf(error)} ${(error as { hint?: string }).hint}`;
      }
      expect(message).toContain("lantern");
      expect(spoiltIn([["error", message.replace(`${id}s`, "")]], WORDS)).toEqual([]);
    }
  });
});
