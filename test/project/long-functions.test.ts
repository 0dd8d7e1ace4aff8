import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "vite";
import { describe, expect, it } from "vitest";
import { ROOT, sources, within } from "./imports.ts";

/** A function that no longer fits a screen holds several things: they get names. */
const MOST_LINES = 70;

const HELD = ["runtime", "backends", "scenarios", "lb", "lab", "dashboards", "package"];
/** Not held yet. */
const NOT_YET = [
  "lb/listener",
  "lb/transport",
  "lab/sandbox",
  "lab/simulate/simulate-drill.ts",
  "lab/simulate/virtual-session.ts",
  "lab/world/simulated/admins.ts",
  "dashboards/console",
];

/** Functions that are longer for a reason. The list only shrinks: what fits by now leaves it. */
const COMMANDS = "declares commands one after the other: a table, in which nothing is decided";
const EVENTS = "one case for each event of a drill, held exhaustive by the compiler";
const EXCEPTIONS: Readonly<Record<string, { readonly most: number; readonly why: string }>> = {
  "lab/cli/act/act-commands.ts addConfigCommands": { most: 110, why: COMMANDS },
  "lab/cli/balancer/balancer-commands.ts addAloneCommands": { most: 110, why: COMMANDS },
  "lab/cli/drill/drill-commands.ts addDrillCommands": { most: 110, why: COMMANDS },
  "lab/cli/look/look-commands.ts addLookCommands": { most: 110, why: COMMANDS },
  "lab/drill/moments.ts momentOf": { most: 95, why: EVENTS },
  "lab/drill/state.ts fold": { most: 95, why: EVENTS },
  "lab/simulate/digest-facts.ts digestFacts": { most: 80, why: EVENTS },
};

interface LongFunction {
  readonly name: string;
  readonly lines: number;
}

interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

const FUNCTIONS: ReadonlySet<string> = new Set([
  "FunctionDeclaration",
  "FunctionExpression",
  "ArrowFunctionExpression",
]);

const isNode = (value: unknown): value is SyntaxNode =>
  typeof value === "object" && value !== null && "type" in value && "start" in value;

/** Name of an identifier; undefined for other nodes. */
const nameOf = (node: unknown): string | undefined =>
  isNode(node) && typeof node["name"] === "string" ? node["name"] : undefined;

/** The functions of a text with more lines than `most`, each by its own name or that of what holds it. */
export function longFunctions(path: string, text: string, most: number): LongFunction[] {
  const found: LongFunction[] = [];
  const lineOf = (offset: number): number => text.slice(0, offset).split("\n").length;
  const visit = (node: SyntaxNode, holder: string): void => {
    const name = nameOf(node["id"]) ?? nameOf(node["key"]) ?? holder;
    const lines = FUNCTIONS.has(node.type) ? lineOf(node.end) - lineOf(node.start) + 1 : 0;
    if (lines > most) found.push({ name, lines });
    for (const value of Object.values(node).flat()) if (isNode(value)) visit(value, name);
  };
  visit(parseSync(path, text).program as unknown as SyntaxNode, "?");
  return found;
}

const long = HELD.flatMap(sources)
  .filter((file) => !NOT_YET.some((folder) => within(file, folder)))
  .flatMap((file) =>
    longFunctions(file, readFileSync(join(ROOT, file), "utf8"), MOST_LINES).map(({ name, lines }) => ({
      place: `${file} ${name}`,
      lines,
    })),
  );

describe("functions", () => {
  it("are counted by their lines, whatever form they have", () => {
    const body = "\n".repeat(3);
    const text = `function a() {${body}}\nconst b = () => {${body}};\nclass C { private d(): void {${body}} }\nconst e = { f() {${body}} };`;
    const names = longFunctions("a.ts", text, 3).map(({ name, lines }) => `${name} ${lines}`);
    expect(names).toEqual(["a 4", "b 4", "d 4", "f 4"]);
    expect(longFunctions("a.ts", text, 4)).toEqual([]);
  });

  it(`have ${MOST_LINES} lines at most, but for those with a reason`, () => {
    expect(long.filter(({ place, lines }) => lines > (EXCEPTIONS[place]?.most ?? MOST_LINES))).toEqual([]);
  });

  it.each(Object.keys(EXCEPTIONS))("%s is an exception that is needed", (place) => {
    expect(long.map((one) => one.place)).toContain(place);
  });
});
