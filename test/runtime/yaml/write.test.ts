import fc from "fast-check";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { readPlain } from "../../../runtime/yaml/read-plain.ts";
import { writeYaml } from "../../../runtime/yaml/write.ts";

const key = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/).filter((text) => text !== "constructor");
const leaf = fc.oneof(
  fc.string(),
  fc.constantFrom(
    "no",
    "on",
    "~",
    "null",
    "1e3",
    "0x1f",
    "2020-01-01",
    "*a",
    "a: b",
    " x ",
    "a\nb\n",
    "'",
    '"',
  ),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie("tree"), { maxLength: 4 }),
    fc.dictionary(key, tie("tree"), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

it("what is written is read back as it was, by our reader and by an independent one", () => {
  fc.assert(
    fc.property(fc.dictionary(key, tree, { maxKeys: 5, noNullPrototype: true }), (value) => {
      const text = writeYaml(value);
      expect(readPlain(text)).toEqual(value);
      expect(parse(text)).toEqual(value);
    }),
  );
});

it("text that YAML 1.1 takes for something else is quoted for its readers", () => {
  const value = { restart: "no", power: "on", mode: "0777", no: "y", day: "2020-01-01", time: "12:30:45" };
  expect(parse(writeYaml(value, { for11: true }), { version: "1.1" })).toEqual(value);
  expect(writeYaml(value)).toContain("restart: no\n");
});

it("a field that is undefined is left out, and what is used twice is written twice", () => {
  const twice = [1];
  expect(writeYaml({ a: undefined, b: twice, c: twice })).toBe("b:\n  - 1\nc:\n  - 1\n");
});

it("a text that is no YAML is refused with its place", () => {
  expect(() => readPlain("a: [1")).toThrow(/^\d+:\d+: /);
});
