import { RE2JS } from "re2js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { regularExpression } from "../../../lab/observe/regular-expression.ts";

describe("a regular expression means what it means to Prometheus", () => {
  it.each([
    ["\\p{L}+", "aß", true],
    ["[]a]", "]", true],
    ["(?m)^a$", "a", true],
    [".", "😀", true],
    ["..", "😀", false],
    [".", "\n", true],
    ["(?i)s", "ſ", true],
    ["(?i:WEB)-a", "web-a", true],
    ["\\s", "\u00A0", false],
    ["\\w", "ä", false],
    ["\\Qa.b\\E", "a.b", true],
    ["\\Qa.b\\E", "axb", false],
    ["[[:alpha:]]+", "abc", true],
    ["a|b", "ab", false],
    ["a$", "a\n", false],
    ["(?U)a+", "aaa", true],
    ["\\x{1F600}", "😀", true],
    ["\\z", "", true],
  ])("%s of %j: %s", (source, text, matches) => expect(regularExpression(source).test(text)).toBe(matches));

  it.each([
    ["(", "missing closing )"],
    ["(?=a)", "invalid or unsupported Perl syntax"],
    ["(a)\\1", "invalid escape sequence"],
    ["a**", "invalid nested repetition operator"],
    ["a{1001}", "invalid repeat count"],
    ["(a{1000}){1000}", "invalid repeat count"],
  ])("%s is refused: %s", (source, why) =>
    expect(() => regularExpression(source)).toThrow(`not a regular expression of RE2 (${why}): ${source}`),
  );

  it("matches as the engine does, also where the engine is not used", () => {
    const piece = fc.constantFrom("a", "b", "web-1", "lb_", ".*", ".+", "|", "", "x:y", ".", "\\.", "(", ")");
    const text = fc.constantFrom(
      "",
      "a",
      "b",
      "ab",
      "web-1",
      "lb_x",
      "web-1a",
      "a|b",
      "x:y",
      ".",
      "😀",
      "a\nb",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 5 }), fc.array(text, { maxLength: 3 }), (pieces, texts) => {
        const source = pieces.join("");
        const whole = texts.join("");
        let engine: RE2JS;
        try {
          engine = RE2JS.compile(`^(?s:${source})$`);
        } catch {
          expect(() => regularExpression(source)).toThrow("not a regular expression of RE2");
          return;
        }
        expect(regularExpression(source).test(whole), `${source} of ${whole}`).toBe(engine.test(whole));
      }),
      { numRuns: 2000 },
    );
  });

  it("has groups by number and by name, empty where they took nothing or are not there", () => {
    const group = regularExpression("(.*)-(?P<n>x)?(y)?").match("a-y");
    expect(["0", "1", "n", "3", "4", "03", "constructor"].map((name) => group?.(name))).toEqual([
      "a-y",
      "a",
      "",
      "y",
      "",
      "",
      "",
    ]);
    expect(regularExpression("a").match("b")).toBeUndefined();
  });
});
