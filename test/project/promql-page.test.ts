import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { AGGREGATION_NAMES } from "../../lab/observe/promql/aggregations.ts";
import { FUNCTIONS } from "../../lab/observe/promql/functions.ts";
import {
  UNSUPPORTED_AGGREGATIONS,
  UNSUPPORTED_FUNCTIONS,
  UNSUPPORTED_MODIFIERS,
  UNSUPPORTED_OPERATORS,
} from "../../lab/observe/promql/unsupported.ts";
import { engineOver, refusalOf } from "../support/promql.ts";

const page = readFileSync(join(import.meta.dirname, "..", "..", "docs", "promql.md"), "utf8");

/** What is in backticks under a heading, in a list that begins with this word if any is given. */
function listed(heading: string, list = ""): string[] {
  const [, section = ""] = page.split(`## ${heading}\n`);
  const [text = ""] = section.split("\n## ");
  const [, items = ""] = list === "" ? ["", text] : text.split(`- ${list}: `);
  const [own = ""] = list === "" ? [items] : items.split("\n- ");
  return [...own.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name).sort();
}

describe("the page about PromQL", () => {
  it.each([
    ["functions", listed("Functions"), [...FUNCTIONS.keys()]],
    ["aggregations", listed("Aggregations"), [...AGGREGATION_NAMES]],
    ["functions that are not supported", listed("Not supported", "functions"), [...UNSUPPORTED_FUNCTIONS]],
    [
      "aggregations that are not supported",
      listed("Not supported", "aggregations"),
      [...UNSUPPORTED_AGGREGATIONS],
    ],
    ["modifiers that are not supported", listed("Not supported", "modifiers"), [...UNSUPPORTED_MODIFIERS]],
    ["operators that are not supported", listed("Not supported", "operators"), [...UNSUPPORTED_OPERATORS]],
  ])("lists the %s that the code knows, each once, and no others", (_what, there, known) => {
    expect(known.length).toBeGreaterThan(0);
    expect(there).toEqual(known.sort());
  });

  it("names nothing as supported and not supported", () => {
    expect(
      [...FUNCTIONS.keys(), ...AGGREGATION_NAMES].filter(
        (name) => UNSUPPORTED_FUNCTIONS.has(name) || UNSUPPORTED_AGGREGATIONS.has(name),
      ),
    ).toEqual([]);
  });
});

describe("what the page lists as not supported", () => {
  const { engine } = engineOver({});
  it.each([
    ...[...UNSUPPORTED_FUNCTIONS].map((name) => `${name}(x)`),
    ...[...UNSUPPORTED_AGGREGATIONS].map((name) => `${name}(1, x)`),
    ...[...UNSUPPORTED_MODIFIERS].map((name) => (name.startsWith("fill") ? `x + ${name}(0) x` : `x ${name}`)),
    ...[...UNSUPPORTED_OPERATORS].map((operator) => `x ${operator} 2`),
    "x[5m * 2]",
    "x[step()]",
    "x offset (5m)",
  ])("is refused with its place: %s", (expression) =>
    expect(refusalOf(() => engine.compile(expression))).toMatch(/^1:\d+: .* not supported$/),
  );

  it("may be the name of a metric all the same", () => {
    expect(engine.compile("fill + step + range").metrics).toEqual(["fill", "step", "range"]);
  });
});
