import type { SyntaxNode } from "@lezer/common";
import { parser } from "@prometheus-io/lezer-promql";
import { anchored } from "../label-matcher.ts";
import type { LabelMatcher } from "../samples.ts";
import type { BinaryOperator, Expression, Matching, VectorSelector } from "./expression.ts";
import { parseDuration, parseNumber, parseString } from "./literals.ts";
import { QueryError } from "./query.ts";

/** Reads PromQL by its official grammar. Throws QueryError for what is no PromQL, and for what is not supported here. */
export function parseExpression(text: string): Expression {
  const read = createReader(text);
  const tree = parser.parse(text);
  const cursor = tree.cursor();
  do if (cursor.type.isError) throw read.fault(...unexpected(text, cursor.from));
  while (cursor.next());
  const [whole, ...more] = childrenOf(tree.topNode);
  if (!whole) throw read.fault(0, "there is no expression");
  if (more[0]) throw read.fault(more[0].from, "unexpected text after the expression");
  return read.expression(whole);
}

export function positionIn(text: string, at: number): { line: number; column: number } {
  const before = text.slice(0, at).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** Where a fault is, and what to say of it. */
function unexpected(text: string, at: number): readonly [number, string] {
  const [word] = /^\s*(\w+|\S)/.exec(text.slice(at)) ?? [];
  if (word === undefined) return [at, "the expression is not complete"];
  const [name] = word.trim() === "(" ? (/[A-Za-z_]\w*\s*$/.exec(text.slice(0, at)) ?? []) : [];
  if (name !== undefined) return [at - name.length, `unknown function ${name.trim()}`];
  return [at, `unexpected ${JSON.stringify(word.trim())}`];
}

function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling)
    if (child.name !== "LineComment") found.push(child);
  return found;
}

const OPERATORS: Readonly<Record<string, BinaryOperator>> = {
  Add: "+",
  Sub: "-",
  Mul: "*",
  Div: "/",
  Mod: "%",
  Pow: "^",
  Eql: "==",
  EqlSingle: "==",
  Neq: "!=",
  Gtr: ">",
  Lss: "<",
  Gte: ">=",
  Lte: "<=",
  And: "and",
  Or: "or",
  Unless: "unless",
};
const MATCH_OPS: Readonly<Record<string, LabelMatcher["op"]>> = {
  EqlSingle: "=",
  Neq: "!=",
  EqlRegex: "=~",
  NeqRegex: "!~",
};

interface Reader {
  expression(node: SyntaxNode): Expression;
  fault(at: number, message: string): QueryError;
}

function createReader(text: string): Reader {
  const textOf = (node: SyntaxNode): string => text.slice(node.from, node.to);
  const fault = (at: number, message: string): QueryError => new QueryError(message, positionIn(text, at));

  function expression(node: SyntaxNode): Expression {
    const { from } = node;
    switch (node.name) {
      case "NumberDurationLiteral": {
        const value = parseNumber(textOf(node));
        if (value === undefined) throw fault(from, `not a number: ${textOf(node)}`);
        return { kind: "number", from, value };
      }
      case "StringLiteral":
        return { kind: "string", from, value: stringOf(node) };
      case "ParenExpr":
        return expression(only(node));
      case "VectorSelector":
        return selector(node);
      case "MatrixSelector": {
        const [of, range] = childrenOf(node);
        if (!of || !range || of.name !== "VectorSelector") throw fault(from, "a range needs a selector");
        return { kind: "range", from, selector: selector(of), rangeMs: positive(range) };
      }
      case "SubqueryExpr": {
        const [of, range, step] = childrenOf(node);
        if (!of || !range) throw fault(from, "a subquery needs an expression and a range");
        if (!step) throw fault(range.to, "a subquery needs its step here, as in [5m:10s]");
        const stepMs = positive(step);
        return { kind: "subquery", from, of: expression(of), rangeMs: positive(range), stepMs, offsetMs: 0 };
      }
      case "OffsetExpr": {
        const [of, , offset] = childrenOf(node);
        if (!of || !offset) throw fault(from, "an offset needs an expression and a duration");
        const last = lastOf(of);
        if (last.name === "ParenExpr")
          throw fault(last.from, "an offset belongs to a selector or a subquery");
        return shifted(expression(of), offsetOf(offset));
      }
      case "StepInvariantExpr": {
        const at = childrenOf(node).find(({ name }) => name === "At");
        throw fault(at?.from ?? from, "the @ modifier is not supported; offset is");
      }
      case "UnaryExpr": {
        const [sign, of] = childrenOf(node);
        if (!sign || !of) throw fault(from, "a sign needs an expression");
        return textOf(sign) === "-" ? { kind: "negation", from, of: expression(of) } : expression(of);
      }
      case "FunctionCall": {
        const [name, body] = childrenOf(node);
        if (!name || !body) throw fault(from, "a function needs its arguments");
        return { kind: "call", from, name: textOf(name), args: childrenOf(body).map(expression) };
      }
      case "AggregateExpr":
        return aggregation(node);
      case "BinaryExpr":
        return binary(node);
      default:
        throw fault(from, `${node.name} is not supported`);
    }
  }

  function only(node: SyntaxNode): SyntaxNode {
    const [child] = childrenOf(node);
    if (!child) throw fault(node.from, "there is nothing in these parentheses");
    return child;
  }

  function stringOf(node: SyntaxNode): string {
    const value = parseString(textOf(node));
    if (value === undefined) throw fault(node.from, `not a string: ${textOf(node)}`);
    return value;
  }

  function selector(node: SyntaxNode): VectorSelector {
    const matchers: LabelMatcher[] = [];
    const nameIs = (value: string) => matchers.push({ label: "__name__", op: "=", value });
    for (const child of childrenOf(node)) {
      if (child.name === "Identifier") nameIs(textOf(child));
      else
        for (const one of childrenOf(child)) {
          if (one.name === "QuotedLabelName") nameIs(stringOf(only(one)));
          else matchers.push(matcher(one));
        }
    }
    const names = matchers.filter(({ label, op }) => label === "__name__" && op === "=");
    if (names.length > 1) throw fault(node.from, "the metric's name is given twice");
    // As Prometheus: whoever asks for everything has made a mistake.
    if (matchers.every(({ op, value }) => matchesEmpty(op, value)))
      throw fault(node.from, "a selector needs at least one matcher that does not match an empty value");
    return { kind: "selector", from: node.from, matchers, offsetMs: 0 };
  }

  function matcher(node: SyntaxNode): LabelMatcher {
    const [label, op, value] = childrenOf(node);
    const [kind] = op ? childrenOf(op) : [];
    const known = kind && MATCH_OPS[kind.name];
    if (!label || !known || !value) throw fault(node.from, `not a matcher: ${textOf(node)}`);
    const name = label.name === "QuotedLabelName" ? stringOf(only(label)) : textOf(label);
    const made: LabelMatcher = { label: name, op: known, value: stringOf(value) };
    if (known === "=~" || known === "!~")
      try {
        anchored(made.value);
      } catch (error) {
        throw fault(value.from, (error as Error).message);
      }
    return made;
  }

  function durationOf(node: SyntaxNode): number {
    const given = textOf(node).trim();
    const seconds = parseNumber(given);
    if (seconds === undefined) throw fault(node.from, `not a duration: ${given}; write it like 5m or 1h30m`);
    return parseDuration(given) ?? seconds * 1000;
  }

  function positive(node: SyntaxNode): number {
    const ms = durationOf(node);
    if (!(ms > 0)) throw fault(node.from, "a duration must be greater than 0");
    return ms;
  }

  function offsetOf(node: SyntaxNode): number {
    const given = textOf(node).replaceAll(/[\s()]/g, "");
    const negative = given.startsWith("-");
    const seconds = parseNumber(given.replace(/^[+-]/, ""));
    if (seconds === undefined) throw fault(node.from, `not a duration: ${textOf(node)}`);
    return (negative ? -1000 : 1000) * seconds;
  }

  /** What stands just before the end of an expression. */
  function lastOf(node: SyntaxNode): SyntaxNode {
    const last =
      node.name === "BinaryExpr" || node.name === "UnaryExpr" ? childrenOf(node).at(-1) : undefined;
    return last ? lastOf(last) : node;
  }

  /** The grammar hands an offset to all that stands before it; it belongs to the selector just before it. */
  function shifted(of: Expression, offsetMs: number): Expression {
    switch (of.kind) {
      case "selector":
      case "subquery":
        if (of.offsetMs !== 0) throw fault(of.from, "an offset is given twice");
        return { ...of, offsetMs };
      case "range":
        return { ...of, selector: shifted(of.selector, offsetMs) as VectorSelector };
      case "binary":
        return { ...of, right: shifted(of.right, offsetMs) };
      case "negation":
        return { ...of, of: shifted(of.of, offsetMs) };
      default:
        throw fault(of.from, "an offset belongs to a selector or a subquery");
    }
  }

  function aggregation(node: SyntaxNode): Expression {
    const parts = childrenOf(node);
    const part = (name: string): SyntaxNode | undefined => parts.find((one) => one.name === name);
    const operator = part("AggregateOp");
    const body = part("FunctionCallBody");
    const modifier = part("AggregateModifier");
    const args = body ? childrenOf(body).map(expression) : [];
    const of = args.at(-1);
    if (!operator || !of || args.length > 2) throw fault(node.from, "an aggregation needs an expression");
    const name = textOf(operator).toLowerCase();
    const [kind, labels] = modifier ? childrenOf(modifier) : [];
    return {
      kind: "aggregation",
      from: node.from,
      name,
      grouping: {
        kind: kind?.name === "Without" ? "without" : "by",
        labels: labels ? labelsOf(labels) : [],
      },
      parameter: args.length === 2 ? args[0] : undefined,
      of,
    };
  }

  const labelsOf = (node: SyntaxNode): string[] =>
    childrenOf(node).map((one) => (one.name === "QuotedLabelName" ? stringOf(only(one)) : textOf(one)));

  function binary(node: SyntaxNode): Expression {
    const parts = childrenOf(node);
    const [left, operator] = parts;
    const right = parts.at(-1);
    const op = operator && OPERATORS[operator.name];
    if (!left || !right || !op) throw fault(node.from, `not supported: ${operator ? textOf(operator) : ""}`);
    const modifier = parts.find(({ name }) => name === "MatchingModifierClause");
    const base = expression(left);
    // The grammar takes the sign for a part of the number; it binds less than a power.
    const signed =
      op === "^" && base.kind === "number" && left.name !== "ParenExpr" && /^[+-]/.test(textOf(left));
    const made: Expression = {
      kind: "binary",
      from: node.from,
      op,
      left: signed ? { ...base, value: Math.abs(base.value) } : base,
      right: expression(right),
      bool: parts.some(({ name }) => name === "BoolModifier"),
      matching: modifier ? matchingOf(modifier) : NO_MATCHING,
    };
    return signed && textOf(left).startsWith("-") ? { kind: "negation", from: node.from, of: made } : made;
  }

  function matchingOf(node: SyntaxNode): Matching {
    const parts = childrenOf(node);
    const side = parts.findIndex(({ name }) => name === "GroupLeft" || name === "GroupRight");
    const [, labels] = parts;
    const include = side < 0 ? undefined : parts[side + 1];
    return {
      kind: parts[0]?.name === "On" ? "on" : "ignoring",
      labels: labels?.name === "GroupingLabels" ? labelsOf(labels) : [],
      many: side < 0 ? undefined : parts[side]?.name === "GroupLeft" ? "left" : "right",
      include: include?.name === "GroupingLabels" ? labelsOf(include) : [],
    };
  }

  return { expression, fault };
}

const NO_MATCHING: Matching = { kind: "ignoring", labels: [], many: undefined, include: [] };

function matchesEmpty(op: LabelMatcher["op"], value: string): boolean {
  if (op === "=") return value === "";
  if (op === "!=") return value !== "";
  return anchored(value).test("") === (op === "=~");
}
