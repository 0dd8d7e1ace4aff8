import { goQuote } from "../pager/go-quote.ts";
import { matcherText } from "../pager/matcher-text.ts";
import { plainNumber } from "../rules/template/go-format.ts";
import { durationText } from "./duration-text.ts";
import type { Expression, Matching, Shift, VectorSelector } from "./expression.ts";
import { parseExpression } from "./parse.ts";

/** Longer expressions are broken into lines, as in Prometheus. */
const MAX_LINE = 100;
const INDENT = "  ";

/** An expression as Prometheus formats it. Throws QueryError for what is not PromQL. */
export const formatExpression = (text: string): string => pretty(parseExpression(text), { text, level: 0 });

interface Writing {
  /** The source: an expression does not record how many parentheses it is in, nor how its name was written. */
  readonly text: string;
  readonly level: number;
}

/** The number of parentheses around an expression. */
function parentheses({ parenFrom, from }: Expression, text: string): number {
  if (parenFrom === undefined) return 0;
  return (
    text
      .slice(parenFrom, from)
      .replaceAll(/#[^\n]*/g, "")
      .split("(").length - 1
  );
}

function inOneLine(of: Expression, text: string): string {
  const count = parentheses(of, text);
  return "(".repeat(count) + bare(of, text) + ")".repeat(count);
}

function bare(of: Expression, text: string): string {
  const written = (one: Expression): string => inOneLine(one, text);
  switch (of.kind) {
    case "number":
      return plainNumber(of.value);
    case "string":
      return goQuote(of.value);
    case "selector":
      return selectorText(of, text) + shiftText(of.shift);
    case "range":
      return `${selectorText(of.selector, text)}[${durationText(of.rangeMs)}]${shiftText(of.selector.shift)}`;
    case "subquery":
      return written(of.of) + subqueryText(of);
    case "sign":
      return `${of.negative ? "-" : "+"}${written(of.of)}`;
    case "call":
      return `${of.name}(${of.args.map(written).join(", ")})`;
    case "aggregation":
      return `${aggregationHead(of)}(${of.args.map(written).join(", ")})`;
    case "binary":
      return `${written(of.left)} ${operatorText(of)} ${written(of.right)}`;
  }
}

function pretty(of: Expression, { text, level }: Writing): string {
  const indent = INDENT.repeat(level);
  const count = parentheses(of, text);
  const line = inOneLine(of, text);
  if (line.length <= MAX_LINE) return indent + line;
  if (count > 0) {
    const inner = prettyInside(of, { text, level: level + count });
    const opened = Array.from({ length: count }, (_, i) => `${INDENT.repeat(level + i)}(\n`).join("");
    const closed = Array.from({ length: count }, (_, i) => `\n${INDENT.repeat(level + count - 1 - i)})`).join(
      "",
    );
    return opened + inner + closed;
  }
  return prettyInside(of, { text, level });
}

/** Without the parentheses around it. */
function prettyInside(of: Expression, { text, level }: Writing): string {
  const indent = INDENT.repeat(level);
  const line = bare(of, text);
  if (line.length <= MAX_LINE) return indent + line;
  const below = { text, level: level + 1 };
  const listed = (all: readonly Expression[]): string => all.map((one) => pretty(one, below)).join(",\n");
  switch (of.kind) {
    case "aggregation":
      return `${indent}${aggregationHead(of)}(\n${listed(of.args)}\n${indent})`;
    case "call":
      return `${indent}${of.name}(\n${listed(of.args)}\n${indent})`;
    case "binary":
      return `${pretty(of.left, below)}\n${indent}${operatorText(of)}\n${pretty(of.right, below)}`;
    case "subquery":
      return pretty(of.of, { text, level }) + subqueryText(of);
    case "sign":
      return `${indent}${of.negative ? "-" : "+"}${pretty(of.of, { text, level }).trim()}`;
    default:
      return indent + line;
  }
}

function selectorText({ matchers, from }: VectorSelector, text: string): string {
  const named = matchers.find(({ label, op }) => label === "__name__" && op === "=");
  const name = named && text[from] !== "{" ? named.value : "";
  const others = matchers.filter((one) => name === "" || one !== named);
  if (others.length === 0 && name !== "") return name;
  return `${name}{${others.map(matcherText).sort().join(",")}}`;
}

function shiftText({ at, offsetMs }: Shift): string {
  const moment = at === undefined ? "" : ` @ ${typeof at === "number" ? (at / 1000).toFixed(3) : `${at}()`}`;
  if (offsetMs === 0) return moment;
  return `${moment} offset ${offsetMs < 0 ? "-" : ""}${durationText(Math.abs(offsetMs))}`;
}

type Of<Kind extends Expression["kind"]> = Extract<Expression, { readonly kind: Kind }>;

const subqueryText = ({ rangeMs, stepMs, shift }: Of<"subquery">): string =>
  `[${durationText(rangeMs)}:${stepMs === undefined ? "" : durationText(stepMs)}]${shiftText(shift)}`;

function aggregationHead({ name, grouping: { kind, labels } }: Of<"aggregation">): string {
  if (kind === "by" && labels.length === 0) return name;
  return `${name} ${kind} (${labels.join(", ")}) `;
}

const operatorText = ({ op, bool, matching }: Of<"binary">): string =>
  `${op}${bool ? " bool" : ""}${matchingText(matching)}`;

function matchingText({ kind, labels, many, include }: Matching): string {
  if (labels.length === 0 && kind === "ignoring") return "";
  const grouped = many === undefined ? "" : ` group_${many} (${include.join(", ")})`;
  return ` ${kind} (${labels.join(", ")})${grouped}`;
}
