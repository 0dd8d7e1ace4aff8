import type { Matching } from "./expression.ts";
import { parseString } from "./literals.ts";
import type { TokenReader } from "./token-reader.ts";
import { UNSUPPORTED_MODIFIERS } from "./unsupported.ts";

/** `(a, "b c", d)` after by, without, on, ignoring and the group modifiers. */
export function labelNames(tokens: TokenReader): string[] {
  tokens.expect("(");
  const labels: string[] = [];
  while (!tokens.accept(")")) {
    labels.push(labelName(tokens));
    if (tokens.accept(",")) continue;
    tokens.expect(")");
    break;
  }
  return labels;
}

function labelName(tokens: TokenReader): string {
  const { kind, text, from } = tokens.peek();
  // The one keyword that Prometheus' grammar misses here.
  if (kind === "word" && text.toLowerCase() !== "without") return tokens.next().text;
  if (kind !== "string") throw tokens.unexpected();
  tokens.next();
  return quotedName(tokens, text, from);
}

/** A label's name in quotes, which may be any text but an empty one. */
export function quotedName(tokens: TokenReader, text: string, from: number): string {
  const name = parseString(text);
  if (!name) throw tokens.fault(from, `not a label's name: ${text}`);
  return name;
}

const NO_MATCHING: Matching = { kind: "ignoring", labels: [], many: undefined, include: [] };

/** The modifiers between an operator and its right side. */
export function matchingModifiers(tokens: TokenReader): {
  readonly bool: boolean;
  readonly matching: Matching;
} {
  const bool = tokens.acceptWord("bool") !== undefined;
  const kind = tokens.acceptWord("on") ? "on" : tokens.acceptWord("ignoring") ? "ignoring" : undefined;
  let matching = NO_MATCHING;
  if (kind) {
    const labels = labelNames(tokens);
    const many = tokens.acceptWord("group_left")
      ? "left"
      : tokens.acceptWord("group_right")
        ? "right"
        : undefined;
    // A parenthesis here always begins labels: as in Prometheus, whose parser prefers that.
    const include =
      many && tokens.peek().text === "(" && tokens.peek().kind === "symbol" ? labelNames(tokens) : [];
    matching = { kind, labels, many, include };
  }
  const { kind: next, text, from } = tokens.peek();
  const word = text.toLowerCase();
  if (next === "word" && UNSUPPORTED_MODIFIERS.has(word) && tokens.peek(1).text === "(")
    throw tokens.unsupported(from, `the modifier ${word} is not supported`);
  return { bool, matching };
}
