import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { expect, describe, it } from "vitest";
import { createProgram } from "../../lab/cli/program.ts";
import { ROOT, sources } from "../project/imports.ts";

const idle = async (): Promise<void> => {};

/** What stands for a value that the page puts in. */
const VALUE = "VALUE";

/** The commands that a source of the page names, each value in it as VALUE; those that are all value are left out. */
function commandsIn(text: string): readonly string[] {
  return Array.from(text.matchAll(/npx lblab ((?:\$\{[^}]*\}|[^"`<&\n])+)/g), ([, found = ""]) =>
    found.replaceAll(/\$?\{[^}]*\}/g, VALUE).trim(),
  ).filter((command) => !command.startsWith(VALUE));
}

/** Why the command line would refuse it; undefined: it would not. A sub-command that the page puts in may be any. */
function faultOf(command: string): string | undefined {
  let at: Command = createProgram({ run: () => idle, onLab: () => idle, acting: () => idle }, "1");
  const words = command.split(/\s+/);
  while (at.commands.length > 0 && words.length > 0) {
    const word = words.shift();
    if (word === VALUE) return undefined;
    const found = at.commands.find((one) => one.name() === word);
    if (!found) return `there is no ${word}`;
    at = found;
  }
  const unknown = words.filter((word) => word.startsWith("--")).find((word) => !optionOf(at, word));
  if (unknown !== undefined) return `${at.name()} has no ${unknown}`;
  const missing = at.options.find(({ mandatory, long }) => mandatory && !words.includes(long ?? ""));
  if (missing) return `${missing.long} is missing`;
  const values = words.filter((word, i) => !word.startsWith("--") && !takesValue(at, words[i - 1]));
  const needed = at.registeredArguments.filter(({ required }) => required).length;
  const most = at.registeredArguments.some(({ variadic }) => variadic)
    ? Infinity
    : at.registeredArguments.length;
  return values.length < needed || values.length > most ? `${values.length} arguments` : undefined;
}

const optionOf = (command: Command, word: string) => command.options.find(({ long }) => long === word);

const takesValue = (command: Command, word = ""): boolean => {
  const option = optionOf(command, word);
  return option !== undefined && (option.required || option.optional);
};

describe("the command that a button of the page names", () => {
  const named = sources("dashboards/console").flatMap((file) =>
    commandsIn(readFileSync(join(ROOT, file), "utf8")).map((command) => [command, file] as const),
  );

  it.each(named)("%s (%s) is one that the command line takes", (command) => {
    expect(faultOf(command)).toBeUndefined();
  });

  it("is looked for in all of the page", () => {
    expect(named.length).toBeGreaterThan(25);
  });

  it.each([
    ["config freeze REASON", "--reason is missing"],
    ["config freezes --reason TEXT", "there is no freezes"],
    ["config thaw --why TEXT", "thaw has no --why"],
    ["config diff VALUE VALUE VALUE", "3 arguments"],
    ["config approve", "0 arguments"],
    ["unit VALUE VALUE", undefined],
    ["config freeze --reason TEXT", undefined],
  ])("%s: %s", (command, fault) => {
    expect(faultOf(command)).toBe(fault);
  });
});
