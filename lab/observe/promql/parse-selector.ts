import { regularExpression } from "../regular-expression.ts";
import { matcherTest } from "../label-matcher.ts";
import type { LabelMatcher } from "../samples.ts";
import type { Shift, VectorSelector } from "./expression.ts";
import { parseString } from "./literals.ts";
import { quotedName } from "./parse-labels.ts";
import type { TokenReader } from "./token-reader.ts";
import type { Token } from "./tokens.ts";
import { messageOf } from "../../../runtime/errors.ts";

/** Keywords that cannot name a metric outside of braces. */
const NO_METRIC = new Set(["bool", "on", "ignoring", "group_left", "group_right", "atan2"]);

export const isSelectorStart = ({ kind, text }: Token): boolean =>
  kind === "word" && !NO_METRIC.has(text.toLowerCase());

const MATCH_OPS = ["=", "!=", "=~", "!~"] as const;

/** `name{label="value", ...}`, or one of the two parts. */
export function selector(tokens: TokenReader, shift: Shift): VectorSelector {
  const { from, kind, text } = tokens.peek();
  const matchers: LabelMatcher[] = [];
  if (kind === "word") {
    tokens.next();
    matchers.push({ label: "__name__", op: "=", value: text });
  }
  if (tokens.accept("{")) {
    const inside = matchersIn(tokens);
    if (kind === "word" && inside.some(({ label }) => label === "__name__"))
      throw tokens.fault(from, "the metric's name is given twice");
    matchers.push(...inside);
  }
  // As Prometheus: a selector of everything is a mistake.
  if (matchers.every((matcher) => matcherTest(matcher)("")))
    throw tokens.fault(from, "a selector needs at least one matcher that does not match an empty value");
  return { kind: "selector", from, matchers, shift };
}

function matchersIn(tokens: TokenReader): LabelMatcher[] {
  const matchers: LabelMatcher[] = [];
  while (!tokens.accept("}")) {
    matchers.push(matcher(tokens));
    if (tokens.accept(",")) continue;
    tokens.expect("}");
    break;
  }
  return matchers;
}

function matcher(tokens: TokenReader): LabelMatcher {
  const { kind, text, from } = tokens.peek();
  if (kind !== "word" && kind !== "string") throw tokens.unexpected();
  tokens.next();
  const label = kind === "word" ? text : quotedName(tokens, text, from);
  const next = tokens.peek();
  if (kind === "string" && (next.text === "," || next.text === "}") && next.kind === "symbol")
    return { label: "__name__", op: "=", value: label };
  const op = MATCH_OPS.find((one) => one === next.text && next.kind === "symbol");
  if (!op) throw tokens.unexpected();
  tokens.next();
  const quoted = tokens.peek();
  if (quoted.kind !== "string") throw tokens.unexpected();
  tokens.next();
  const value = parseString(quoted.text);
  if (value === undefined) throw tokens.fault(quoted.from, `not a string: ${quoted.text}`);
  if (op === "=~" || op === "!~")
    try {
      regularExpression(value);
    } catch (error) {
      throw tokens.fault(quoted.from, messageOf(error));
    }
  return { label, op, value };
}
