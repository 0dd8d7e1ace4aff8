import type { BinaryOperator, Expression, Shift } from "./expression.ts";
import { parseDuration, parseString } from "./literals.ts";
import { parseGoNumber } from "./go-numbers.ts";
import { labelNames, matchingModifiers } from "./parse-labels.ts";
import { isSelectorStart, selector } from "./parse-selector.ts";
import { createTokenReader, type TokenReader } from "./token-reader.ts";
import {
  UNSUPPORTED_AGGREGATIONS,
  UNSUPPORTED_FUNCTIONS,
  UNSUPPORTED_MODIFIERS,
  UNSUPPORTED_OPERATORS,
} from "./unsupported.ts";

export { positionIn } from "./token-reader.ts";

/** Reads PromQL, by the grammar of Prometheus 3. Throws QueryError for what is no PromQL, and for what is not supported here. */
export function parseExpression(text: string): Expression {
  const tokens = createTokenReader(text);
  const parsed = binary(tokens, 0);
  if (tokens.peek().kind !== "end") throw tokens.unexpected();
  return parsed;
}

/** How tightly each operator binds; a power binds its right side first. */
const PRECEDENCE: Readonly<Record<BinaryOperator, number>> = {
  or: 1,
  and: 2,
  unless: 2,
  "==": 3,
  "!=": 3,
  ">": 3,
  "<": 3,
  ">=": 3,
  "<=": 3,
  "+": 4,
  "-": 4,
  "*": 5,
  "/": 5,
  "%": 5,
  atan2: 5,
  "^": 6,
};
const SIGNED = PRECEDENCE["^"];

function operatorAt(tokens: TokenReader): BinaryOperator | undefined {
  const { kind, text } = tokens.peek();
  if (kind !== "symbol" && kind !== "word") return undefined;
  const name = kind === "word" ? text.toLowerCase() : text;
  return Object.hasOwn(PRECEDENCE, name) ? (name as BinaryOperator) : undefined;
}

/** The operators that cut a native histogram at a value. */
function refuseTrimming(tokens: TokenReader): void {
  const { text, from, to } = tokens.peek();
  const next = tokens.peek(1);
  const operator = text + next.text;
  if (next.from === to && UNSUPPORTED_OPERATORS.has(operator))
    throw tokens.unsupported(from, `the operator ${operator} is not supported`);
}

/** Parses operands and operators of at least this precedence. */
function binary(tokens: TokenReader, least: number): Expression {
  const { from } = tokens.peek();
  let left = operand(tokens);
  for (;;) {
    refuseTrimming(tokens);
    const op = operatorAt(tokens);
    if (op === undefined || PRECEDENCE[op] < least) return left;
    tokens.next();
    tokens.link();
    const { bool, matching } = matchingModifiers(tokens);
    const right = tokens.deeper(() => binary(tokens, op === "^" ? PRECEDENCE[op] : PRECEDENCE[op] + 1));
    left = { kind: "binary", from, op, left, right, bool, matching };
  }
}

function operand(tokens: TokenReader): Expression {
  const sign = tokens.accept("-") ?? tokens.accept("+");
  if (!sign) return modified(tokens);
  // A sign has a product's precedence: a power binds more tightly.
  const of = tokens.deeper(() => binary(tokens, SIGNED));
  if (of.kind === "number" && of.parenFrom === undefined)
    return { ...of, from: sign.from, value: sign.text === "-" ? -of.value : of.value };
  return { kind: "sign", from: sign.from, negative: sign.text === "-", of };
}

/** An operand with the ranges, offsets and moments that follow it. */
function modified(tokens: TokenReader): Expression {
  let of = primary(tokens);
  for (;;) {
    const { text, kind, from } = tokens.peek();
    const word = kind === "word" ? text.toLowerCase() : text;
    if (kind === "symbol" && text === "[") of = ranged(of, tokens);
    else if (kind === "symbol" && text === "@") of = shifted(of, moment(tokens), tokens, from);
    else if (kind === "word" && word === "offset") of = shifted(of, offset(tokens), tokens, from);
    else if (kind === "word" && UNSUPPORTED_MODIFIERS.has(word) && !word.startsWith("fill"))
      throw tokens.unsupported(from, `the modifier ${word} is not supported`);
    else return of;
  }
}

function ranged(of: Expression, tokens: TokenReader): Expression {
  const { from } = tokens.expect("[");
  tokens.link();
  const rangeMs = duration(tokens);
  if (tokens.accept(":")) {
    const stepMs = tokens.peek().text === "]" ? undefined : duration(tokens);
    tokens.expect("]");
    return { kind: "subquery", from: of.from, of, rangeMs, stepMs, shift: NOW };
  }
  tokens.expect("]");
  if (of.kind !== "selector" || of.parenFrom !== undefined)
    throw tokens.fault(from, "a range belongs to a selector; a subquery is [5m:10s]");
  if (of.shift !== NOW) throw tokens.fault(from, "a range stands before its offset and its moment");
  return { kind: "range", from: of.from, selector: of, rangeMs };
}

const NOW: Shift = { at: undefined, offsetMs: 0 };

/** A range or a step. */
function duration(tokens: TokenReader): number {
  const token = tokens.peek();
  const ms = literalMs(tokens);
  if (!(ms > 0)) throw tokens.fault(token.from, "a duration must be greater than 0");
  const { kind, text, from } = tokens.peek();
  if (kind === "symbol" && DURATION_OPERATORS.has(text))
    throw tokens.unsupported(from, "calculating with durations is not supported");
  return ms;
}

const DURATION_OPERATORS = new Set(["+", "-", "*", "/", "%", "^"]);

/** Limit of a duration in Go: nanoseconds in 64 bits. */
const MAX_DURATION_MS = 9_223_372_036_854;

function literalMs(tokens: TokenReader): number {
  const { kind, text, from } = tokens.peek();
  if (kind === "word" || DURATION_OPERATORS.has(text) || text === "(")
    throw tokens.unsupported(from, "calculating with durations is not supported");
  if (kind !== "number" && kind !== "duration") throw tokens.unexpected();
  const seconds = numberOf(tokens);
  // As Prometheus, whose times are whole milliseconds.
  const ms = Math.trunc(Math.round(seconds * 1e9) / 1e6);
  if (Number.isNaN(ms) || ms > MAX_DURATION_MS)
    throw tokens.fault(from, `not a duration: ${text}; write it like 5m or 1h30m`);
  return ms;
}

function numberOf(tokens: TokenReader): number {
  const { kind, text, from } = tokens.next();
  const ms = kind === "duration" ? parseDuration(text) : undefined;
  const value = kind === "duration" ? (ms === undefined ? undefined : ms / 1000) : parseGoNumber(text);
  if (value === undefined) throw tokens.fault(from, `not a number or a duration: ${text}`);
  return value;
}

function offset(tokens: TokenReader): Partial<Shift> {
  tokens.next();
  const sign = tokens.accept("-") ?? tokens.accept("+");
  const ms = literalMs(tokens);
  return { offsetMs: sign?.text === "-" ? -ms : ms };
}

function moment(tokens: TokenReader): Partial<Shift> {
  tokens.next();
  const { kind, text, from } = tokens.peek();
  const word = text.toLowerCase();
  if (kind === "word" && (word === "start" || word === "end")) {
    tokens.next();
    tokens.expect("(");
    tokens.expect(")");
    return { at: word };
  }
  const sign = tokens.accept("-") ?? tokens.accept("+");
  const next = tokens.peek().kind;
  if (next !== "number" && next !== "duration") throw tokens.unexpected();
  const seconds = numberOf(tokens);
  const at = Math.round((sign?.text === "-" ? -seconds : seconds) * 1000);
  if (!Number.isSafeInteger(at)) throw tokens.fault(from, "this moment is out of bounds");
  return { at };
}

function shifted(of: Expression, by: Partial<Shift>, tokens: TokenReader, from: number): Expression {
  const what = by.at === undefined ? "an offset" : "a moment (@)";
  const given = (shift: Shift): Shift => {
    if (by.at === undefined ? shift.offsetMs !== 0 : shift.at !== undefined)
      throw tokens.fault(from, `${what} is given twice`);
    return { ...shift, ...by };
  };
  if (of.parenFrom === undefined)
    switch (of.kind) {
      case "selector":
      case "subquery":
        return { ...of, shift: given(of.shift) };
      case "range":
        return { ...of, selector: { ...of.selector, shift: given(of.selector.shift) } };
      default:
    }
  throw tokens.fault(from, `${what} belongs to a selector or a subquery`);
}

function primary(tokens: TokenReader): Expression {
  const token = tokens.peek();
  const { kind, text, from } = token;
  switch (kind) {
    case "number":
    case "duration":
      return { kind: "number", from, value: numberOf(tokens) };
    case "string": {
      tokens.next();
      const value = parseString(text);
      if (value === undefined) throw tokens.fault(from, `not a string: ${text}`);
      return { kind: "string", from, value };
    }
    case "symbol":
      if (text === "(") return grouped(tokens);
      if (text === "{") return selector(tokens, NOW);
      throw tokens.unexpected();
    case "word": {
      const name = text.toLowerCase();
      const after = tokens.peek(1);
      const followedBy = after.kind === "word" ? after.text.toLowerCase() : after.text;
      if (AGGREGATIONS.has(name) && (followedBy === "(" || followedBy === "by" || followedBy === "without"))
        return aggregation(tokens);
      if (followedBy === "(") return call(tokens);
      if (isSelectorStart(token)) return selector(tokens, NOW);
      throw tokens.unexpected();
    }
    default:
      throw tokens.unexpected();
  }
}

function grouped(tokens: TokenReader): Expression {
  const { from } = tokens.expect("(");
  const of = tokens.deeper(() => binary(tokens, 0));
  tokens.expect(")");
  return { ...of, parenFrom: from };
}

function call(tokens: TokenReader): Expression {
  const { text: name, from } = tokens.next();
  if (UNSUPPORTED_FUNCTIONS.has(name))
    throw tokens.unsupported(from, `the function ${name} is not supported`);
  if (name.includes(":")) throw tokens.fault(from, `unknown function ${name}`);
  return { kind: "call", from, name, args: list(tokens) };
}

function list(tokens: TokenReader): Expression[] {
  tokens.expect("(");
  const args: Expression[] = [];
  if (tokens.accept(")")) return args;
  do args.push(tokens.deeper(() => binary(tokens, 0)));
  while (tokens.accept(","));
  tokens.expect(")");
  return args;
}

/** Words that begin an aggregation when a parenthesis or a grouping follows. */
const AGGREGATIONS: ReadonlySet<string> = new Set([
  "sum",
  "avg",
  "count",
  "min",
  "max",
  "group",
  "stddev",
  "stdvar",
  "topk",
  "bottomk",
  "count_values",
  "quantile",
  ...UNSUPPORTED_AGGREGATIONS,
]);

type Grouping = Extract<Expression, { readonly kind: "aggregation" }>["grouping"];

function aggregation(tokens: TokenReader): Expression {
  const { text, from } = tokens.next();
  const before = grouping(tokens);
  const args = list(tokens);
  const by = before ?? grouping(tokens);
  return {
    kind: "aggregation",
    from,
    name: text.toLowerCase(),
    grouping: by ?? { kind: "by", labels: [] },
    args,
  };
}

function grouping(tokens: TokenReader): Grouping | undefined {
  const kind = tokens.acceptWord("by") ? "by" : tokens.acceptWord("without") ? "without" : undefined;
  return kind && { kind, labels: labelNames(tokens) };
}
