import { queryEscape } from "../../graph-link.ts";
import { asText, isList, isTrue, Mapping, textOf, typeOf, type Cell } from "./cell.ts";
import type { TemplateFunction } from "./function.ts";
import { sprintf } from "./go-printf.ts";

/** The functions that every template in Go has: https://pkg.go.dev/text/template#hdr-Functions */
export const GO_FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  and: { parameters: ["any"], more: "any", stopsAt: (cell) => !isTrue(cell), call: (cells) => cells.at(-1) },
  or: { parameters: ["any"], more: "any", stopsAt: isTrue, call: (cells) => cells.at(-1) },
  not: { parameters: ["any"], call: ([cell]) => !isTrue(cell) },
  eq: {
    parameters: ["any"],
    more: "any",
    call([cell, ...others]) {
      if (others.length === 0) throw new Error("there is nothing to compare with");
      return others.some((other) => areEqual(cell, other));
    },
  },
  ne: { parameters: ["any", "any"], call: ([a, b]) => !areEqual(a, b) },
  lt: { parameters: ["any", "any"], call: ([a, b]) => isLess(a, b) },
  le: { parameters: ["any", "any"], call: ([a, b]) => isLess(a, b) || areEqual(a, b) },
  gt: { parameters: ["any", "any"], call: ([a, b]) => !isLess(a, b) && !areEqual(a, b) },
  ge: { parameters: ["any", "any"], call: ([a, b]) => !isLess(a, b) },
  len: { parameters: ["any"], call: ([cell]) => BigInt(lengthOf(cell)) },
  index: {
    parameters: ["any"],
    more: "any",
    call: ([cell, ...keys]) => keys.reduce(elementOf, cell),
  },
  slice: { parameters: ["any"], more: "any", call: ([cell, ...bounds]) => sliceOf(cell, bounds) },
  print: { parameters: [], more: "any", call: printed },
  println: { parameters: [], more: "any", call: (cells) => `${cells.map(shown).join(" ")}\n` },
  printf: {
    parameters: ["string"],
    more: "any",
    call: ([format, ...cells]) => sprintf(asText(format), cells),
  },
  html: { parameters: [], more: "any", call: (cells) => printed(cells).replaceAll(/[\0"&'<>]/g, htmlOf) },
  js: { parameters: [], more: "any", call: (cells) => printed(cells).replaceAll(JS_SPECIAL, jsOf) },
  urlquery: { parameters: [], more: "any", call: (cells) => queryEscape(printed(cells)) },
  call: {
    parameters: ["any"],
    more: "any",
    call([cell]) {
      throw new Error(`a ${typeOf(cell)} is no function`);
    },
  },
};

function shown(cell: Cell): string {
  const text = textOf(cell);
  if (text === undefined) throw new Error(`a ${typeOf(cell)} cannot be printed`);
  return text;
}

/** As Sprint: values in a row, with a space between two of which neither is a text. */
function printed(cells: readonly Cell[]): string {
  return cells.reduce<string>((text, cell, i) => {
    const apart = i > 0 && typeof cell !== "string" && typeof cells[i - 1] !== "string";
    return `${text}${apart ? " " : ""}${shown(cell)}`;
  }, "");
}

type Basic = string | number | bigint | boolean;

function comparable(a: Cell, b: Cell): asserts a is Basic {
  for (const cell of [a, b])
    if (!["string", "number", "bigint", "boolean"].includes(typeof cell))
      throw new Error(`a ${typeOf(cell)} cannot be compared`);
  if (typeof a !== typeof b) throw new Error(`a ${typeOf(a)} cannot be compared with a ${typeOf(b)}`);
}

function areEqual(a: Cell, b: Cell): boolean {
  comparable(a, b);
  return a === b;
}

function isLess(a: Cell, b: Cell): boolean {
  comparable(a, b);
  if (typeof a === "boolean") throw new Error("a bool is neither less nor greater");
  return a < (b as Basic);
}

/** Go counts the bytes of a text. */
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

function lengthOf(cell: Cell): number {
  if (typeof cell === "string") return bytesOf(cell).length;
  if (cell instanceof Mapping) return cell.entries.size;
  if (isList(cell)) return cell.length;
  throw new Error(`a ${typeOf(cell)} has no length`);
}

function elementOf(cell: Cell, key: Cell): Cell {
  if (cell instanceof Mapping) {
    if (typeof key !== "string") throw new Error(`a map is asked by text, not by a ${typeOf(key)}`);
    return cell.entries.has(key) ? cell.entries.get(key) : cell.missing;
  }
  if (typeof cell !== "string" && !isList(cell)) throw new Error(`a ${typeOf(cell)} has no elements`);
  const at = indexIn(key, lengthOf(cell) - 1);
  return typeof cell === "string" ? BigInt(bytesOf(cell)[at] ?? 0) : cell[at];
}

function indexIn(key: Cell, last: number): number {
  if (typeof key !== "bigint") throw new Error(`an int is needed, not a ${typeOf(key)}`);
  if (key < 0n || key > BigInt(last)) throw new Error(`${key} is out of range`);
  return Number(key);
}

function sliceOf(cell: Cell, bounds: readonly Cell[]): Cell {
  if (typeof cell !== "string" && !isList(cell)) throw new Error(`a ${typeOf(cell)} cannot be sliced`);
  if (bounds.length > (typeof cell === "string" ? 2 : 3))
    throw new Error(`there are ${bounds.length} bounds`);
  const length = lengthOf(cell);
  const [from = 0, to = length] = bounds.map((bound) => indexIn(bound, length));
  if (from > to) throw new Error(`${from} is greater than ${to}`);
  return typeof cell === "string"
    ? new TextDecoder().decode(bytesOf(cell).subarray(from, to))
    : cell.slice(from, to);
}

const HTML: Readonly<Record<string, string>> = {
  "\0": "\uFFFD",
  '"': "&#34;",
  "&": "&amp;",
  "'": "&#39;",
  "<": "&lt;",
  ">": "&gt;",
};
const htmlOf = (char: string): string => HTML[char] ?? char;

const JS_SPECIAL = /[\\'"<>&=\p{Cc}]/gu;
const JS: Readonly<Record<string, string>> = { "\\": "\\\\", "'": "\\'", '"': '\\"' };
const jsOf = (char: string): string =>
  JS[char] ?? `\\u${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
