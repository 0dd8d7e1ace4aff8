import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDocument } from "yaml";
import { readDocument } from "../../../runtime/yaml/document.ts";

/** Pieces that texts are put together from, well-formed and not. */
const PIECES = [
  ..."abx:-,[]{}#&*!|>'\"?%@ \n\t0123.+~".split(""),
  "a: ",
  "- ",
  "\n  ",
  "\nb: ",
  "{ c: d }",
  "[1, 2]",
  "true",
  "null",
  "No",
  "0x1F",
  "0o17",
  "017",
  "1e3",
  "-.inf",
  ".5",
  "1_000",
  "'it''s'",
  '"\\u00e9\\n"',
  "&n ",
  "*n",
  "!!str ",
  "!!int ",
  "|\n  text\n",
  ">-\n  folded\n  text\n",
  "# note\n",
  "---\n",
  "<<: ",
  "\r\n",
];

/** What an independent library reads, undefined where it finds anything wrong. */
function reference(text: string): { readonly value: unknown } | undefined {
  try {
    const document = parseDocument(text, { uniqueKeys: true, version: "1.2", logLevel: "silent" });
    if (document.errors.length > 0) return undefined;
    return { value: document.toJS({ maxAliasCount: 1000 }) as unknown };
  } catch {
    return undefined;
  }
}

/**
 * Where the two differ knowingly: a `---` that is indented is text to the other, a number past all range is text here and
 * infinite there, and they count the indentation that a block scalar names from different places.
 */
const DIFFERENT = /[ \t]---|\de\d{3}|[|>]\d/;

describe("a YAML text", () => {
  it("has the values that another library reads, wherever both accept it", () => {
    let compared = 0;
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }), (pieces) => {
        const text = pieces.join("");
        if (DIFFERENT.test(text)) return;
        const read = readDocument(text);
        const other = reference(text);
        if (!read.readable || read.faults.length > 0 || other === undefined) return;
        compared += 1;
        expect({ text, value: read.value }).toEqual({ text, value: other.value });
      }),
      { seed: 1, numRuns: 20_000 },
    );
    expect(compared).toBeGreaterThan(3000);
  });

  it("made of any bytes is read or refused with a place inside it, and never throws", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.string()), (text) => {
        const lines = text.split(/\r\n?|\n/);
        for (const { line, column } of readDocument(text).faults) {
          expect(line).toBeLessThanOrEqual(lines.length);
          expect(column).toBeGreaterThan(0);
        }
      }),
      { seed: 1, numRuns: 3000 },
    );
  });

  it.each([
    ["a: 1\n", ["a"], 1, 4],
    ["a:\n  - x\n  - 'y'\n", ["a", 1], 3, 5],
    ["a: |\n  x\n", ["a"], 1, 4],
    ["a: &n { b: 1 }\nc: *n\n", ["c", "b"], 1, 12],
    ["a: &n { b: 1 }\nc: *n\n", ["c"], 2, 4],
    ["a:\r\n  b: {c: 1}\r\n", ["a", "b", "c"], 2, 10],
    ["a:\n  b:\n", ["a", "b"], 2, 3],
    ["a:\n  b: 1\n", ["a", "missing", "deeper"], 2, 3],
  ])("has the place in %j of the value at %j", (text, path, line, column) => {
    expect(readDocument(text).positions.ofValue(path)).toEqual({ line, column });
  });

  it("has the place of a field's name", () => {
    const { positions } = readDocument("a:\n  bc: { d: 1 }\n");
    expect(positions.ofKey(["a", "bc"])).toEqual({ line: 2, column: 3 });
    expect(positions.ofKey(["a", "bc", "d"])).toEqual({ line: 2, column: 9 });
  });

  it.each([
    ["a: 1\nb:\n  c: 1\n  c: 2\n", "4:3 is given twice, first on line 3"],
    ["a: {b: 1, b: 2, b: 3}", "1:11 is given twice, first on line 1"],
    ["%TAG !! tag:example.com,2026:\n---\na: !!str 1\n", "1:1 a %TAG directive is not supported"],
    ["a: !!int x\n", '1:10 is not what its tag "!!int" says'],
    ["a: !!binary aaaa\n", '1:13 has the tag "!!binary"'],
    ["a: !!str {}\n", '1:10 has the tag "!!str"'],
    ["? { a: 1 }\n: { b: { c: 1 } }\nd: 2\n", "1:3 a field's name must be text"],
    ["12: 1\n", "1:1 a field's name must be text"],
    ["a: *n\nb: &n 1\n", "1:4 *n stands for nothing"],
  ])("%j is refused: %s", (text, fault) => {
    const faults = readDocument(text).faults.map(
      ({ line, column, message }) => `${line}:${column} ${message}`,
    );
    expect(faults.join("\n")).toContain(fault);
  });

  it.each([
    ["too many elements", `a: [${"1,".repeat(1_000_001)}]`],
    ["too many aliases", `a: &n [1]\nb: [${"*n, ".repeat(101)}]`],
  ])("is refused with %s", (fault, text) => {
    expect(
      readDocument(text)
        .faults.map(({ message }) => message)
        .join(),
    ).toContain(fault);
  });

  it("goes on after a refused field with the next one", () => {
    expect(readDocument("a: { __proto__: { x: [1, {}] }, b: 2 }\nc: 3\n").value).toEqual({
      a: { b: 2 },
      c: 3,
    });
  });
});
