import { expect, it } from "vitest";
import { explainWord } from "../../../../lab/cli/look/explain-word.ts";
import { GLOSSARY } from "../../../../lab/trainee/glossary.ts";
import type { Output } from "../../../../lab/cli/output.ts";

function explain(word?: string): string {
  const printed: string[] = [];
  const output: Output = {
    json: false,
    print: (text) => void printed.push(text),
    printJson: () => {},
    note: () => {},
    interactive: false,
    width: 80,
  };
  expect(explainWord(word, output)).toBe(0);
  return printed.join("\n");
}

it.each([
  "URX",
  "urx",
  "UP",
  "no check",
  "least-connections",
  "auto-restart",
  "one-route",
  "affected",
  "durable",
])("explains %s", (word) => {
  expect(explain(word).toLowerCase()).toContain(word.toLowerCase());
});

it("explains both letters of a termination state", () => {
  expect(explain("sQ")).toMatch(/first letter[\s\S]*second letter/);
});

it("lists every word, on lines that fit the terminal", () => {
  const text = explain();
  for (const { word } of GLOSSARY) expect(text).toContain(word);
  expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
});

it("names the nearest word for one that it does not know", () => {
  expect(() => explain("leest-connections")).toThrow(
    expect.objectContaining({
      code: "NOT_FOUND",
      hint: expect.stringContaining("least-connections") as string,
    }),
  );
});
