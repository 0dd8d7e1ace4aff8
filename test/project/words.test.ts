import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT, sources } from "./imports.ts";

/** The table's last column: words that no identifier may contain. */
const BANNED = new Set(
  readFileSync(join(ROOT, "docs/words.md"), "utf8")
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .slice(1)
    .flatMap((line) => (line.split("|")[4] ?? "").split(","))
    .map((word) => word.trim())
    .filter((word) => word !== ""),
);

/** Keys that people's tools read, and what other programs call things. */
const CONTRACTS: ReadonlySet<string> = new Set(["patienceMs"]);

const TEXTS = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\[\s\S]|[^`\\])*`/g;

/** Every identifier of a source; of template strings, those in their braces. */
export function identifiersOf(source: string): string[] {
  const code = source.replaceAll(TEXTS, (text) =>
    text.startsWith("`")
      ? [...text.matchAll(/\$\{([^}]*)\}/g)].map(([, inner = ""]) => inner).join(" ")
      : " ",
  );
  return [...code.matchAll(/[A-Za-z_$][\w$]*/g)].map(([name]) => name);
}

/** `createIsFromShop` is create, is, from, shop. */
export const wordsOf = (identifier: string): string[] =>
  identifier
    .replaceAll(/([a-z\d])([A-Z])/g, "$1 $2")
    .split(/[\s_$]+/)
    .map((word) => word.toLowerCase());

const wrongIn = (source: string): string[] => [
  ...new Set(
    identifiersOf(source).filter(
      (name) => !CONTRACTS.has(name) && wordsOf(name).some((word) => BANNED.has(word)),
    ),
  ),
];

describe("the words of docs/words.md", () => {
  it("are read out of its table", () => {
    expect(BANNED.size).toBeGreaterThan(15);
    expect(wrongIn("const toldOf = tell(`${untold} told`); // told")).toEqual(["toldOf", "tell", "untold"]);
    expect(wrongIn('report("told"); const doorstep = fortold;')).toEqual([]);
  });

  it("no identifier has one that is banned", () => {
    const found = ["runtime", "lb", "backends", "scenarios", "lab", "dashboards", "bench", "test"]
      .flatMap(sources)
      .flatMap((file) => wrongIn(readFileSync(join(ROOT, file), "utf8")).map((name) => `${file}: ${name}`));
    expect(found).toEqual([]);
  });
});
