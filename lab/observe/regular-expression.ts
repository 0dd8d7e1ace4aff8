import { RE2JS } from "re2js";
import { messageOf } from "../../runtime/errors.ts";

/** A regular expression of RE2, Prometheus' engine, which must match the whole text. Its time is linear in the text. */
export interface RegularExpression {
  test(text: string): boolean;
  /** The text of each group, by its number or its name; undefined when the text does not match. */
  match(text: string): ((group: string) => string) | undefined;
}

/** Throws an Error that says what is wrong with the expression. A dot matches every character, as in Prometheus 3. */
export function regularExpression(source: string): RegularExpression {
  let compiled: RE2JS | undefined;
  // Most expressions are alternations of words, and need no engine.
  const simple = simpleTest(source);
  const whole = (): RE2JS => (compiled ??= compile(source));
  if (!simple) whole();
  return {
    test: simple ?? ((text) => whole().test(text)),
    match(text) {
      const matcher = whole().matcher(text);
      if (!matcher.find()) return undefined;
      return (group) => groupOf(matcher, group);
    },
  };
}

function compile(source: string): RE2JS {
  try {
    return RE2JS.compile(`^(?s:${source})$`);
  } catch (error) {
    const [, reason = ""] = /^error parsing regexp: ([^:]*)/.exec(messageOf(error)) ?? [];
    throw new Error(`not a regular expression of RE2 (${reason}): ${source}`, { cause: error });
  }
}

type Matcher = ReturnType<RE2JS["matcher"]>;

function groupOf(matcher: Matcher, group: string): string {
  // As Go: a number does not begin with a zero.
  if (/^(?:0|[1-9]\d{0,7})$/.test(group))
    return Number(group) <= matcher.groupCount() ? (matcher.group(Number(group)) ?? "") : "";
  const named = matcher.getNamedGroups();
  return Object.hasOwn(named, group) ? (named[group] ?? "") : "";
}

/** Characters without a special meaning in any expression. ASCII only: no text can be cut within one of them. */
const WORD = "[\\w :;,<>=!@#%&/~\"'-]";
const ALTERNATION = new RegExp(`^${WORD}*(?:\\|${WORD}*)*$`);
const PADDED = new RegExp(`^(\\.\\*)?(${WORD}*)(\\.[*+])?$`);

/** The test of an alternation of words, or of one word with anything before or after it; undefined for all others. */
function simpleTest(source: string): ((text: string) => boolean) | undefined {
  if (ALTERNATION.test(source)) {
    const words = source.split("|");
    if (words.length === 1) return (text) => text === source;
    const known = new Set(words);
    return (text) => known.has(text);
  }
  const [, before, word, after] = PADDED.exec(source) ?? [];
  if (word === undefined) return undefined;
  const least = after === ".+" ? word.length + 1 : word.length;
  if (!before) return (text) => text.length >= least && text.startsWith(word);
  if (!after) return (text) => text.endsWith(word);
  if (after === ".*") return (text) => text.includes(word);
  return undefined;
}
