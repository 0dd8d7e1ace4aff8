import type { Labels } from "../samples.ts";
import { labelValue } from "../label-value.ts";
import { parseString } from "../promql/literals.ts";
import { fixed, plainNumber, significant } from "./go-format.ts";
import {
  humanize,
  humanize1024,
  humanizeDuration,
  humanizePercentage,
  humanizeTimestamp,
} from "./humanize.ts";

/** What a template can speak of. */
export interface TemplateData {
  readonly labels: Labels;
  readonly value: number;
}

export type Template = (data: TemplateData) => string;

/** What a template is not allowed to hold, and where in its text. */
export class TemplateError extends Error {
  override readonly name = "TemplateError";
  /** Characters from the text's start. */
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

type Cell = string | number;
type Part = (data: TemplateData) => Cell;

const ofNumber =
  (name: string, format: (value: number) => string | undefined) =>
  (given: Cell): string => {
    const value = Number(given);
    if (typeof given === "string" && (given.trim() === "" || Number.isNaN(value)) && given !== "NaN")
      throw new TemplateError(`${name} needs a number, not "${given}"`, 0);
    const text = format(value);
    if (text === undefined) throw new TemplateError(`${name} cannot write ${value}`, 0);
    return text;
  };

const FUNCTIONS: Readonly<Record<string, (given: Cell) => Cell>> = {
  humanize: ofNumber("humanize", humanize),
  humanize1024: ofNumber("humanize1024", humanize1024),
  humanizeDuration: ofNumber("humanizeDuration", humanizeDuration),
  humanizePercentage: ofNumber("humanizePercentage", humanizePercentage),
  humanizeTimestamp: ofNumber("humanizeTimestamp", humanizeTimestamp),
  toUpper: (given) => textOf(given).toUpperCase(),
  toLower: (given) => textOf(given).toLowerCase(),
};

const textOf = (cell: Cell): string => (typeof cell === "number" ? plainNumber(cell) : cell);

/** Prometheus' templates, as far as alerts need them: labels, the value, and functions that make numbers readable. */
export function parseTemplate(text: string): Template {
  const parts: Part[] = [];
  let from = 0;
  for (;;) {
    const open = text.indexOf("{{", from);
    const literal = text.slice(from, open < 0 ? undefined : open);
    if (literal !== "") parts.push(() => literal);
    if (open < 0) break;
    const close = text.indexOf("}}", open);
    if (close < 0) throw new TemplateError("{{ is never closed", open);
    parts.push(parsePipeline(text.slice(open + 2, close), open + 2));
    from = close + 2;
  }
  return (data) => parts.map((part) => textOf(part(data))).join("");
}

const WORD = /\s*(?:("(?:[^"\\]|\\.)*")|(`[^`]*`)|([|])|([^\s|"`]+))/gy;

interface Word {
  readonly text: string;
  readonly at: number;
}

function parsePipeline(text: string, offset: number): Part {
  const stages: Word[][] = [[]];
  WORD.lastIndex = 0;
  for (let at = 0; text.slice(at).trim() !== ""; at = WORD.lastIndex) {
    WORD.lastIndex = at;
    const found = WORD.exec(text);
    if (!found) throw new TemplateError(`cannot read ${text.slice(at).trim()}`, offset + at);
    const word = found[1] ?? found[2] ?? found[3] ?? found[4] ?? "";
    if (word === "|") stages.push([]);
    else stages.at(-1)?.push({ text: word, at: offset + WORD.lastIndex - word.length });
  }
  return stages.reduce<Part | undefined>((before, words) => stage(words, before, offset), undefined) as Part;
}

function stage([head, ...args]: readonly Word[], before: Part | undefined, offset: number): Part {
  if (!head) throw new TemplateError("there is nothing between {{ and }} or beside |", offset);
  const given = [...args.map(operand), ...(before ? [before] : [])];
  if (head.text === "printf") return printf(head, given);
  const fn = Object.hasOwn(FUNCTIONS, head.text) ? FUNCTIONS[head.text] : undefined;
  const [only, another] = given;
  if (fn) {
    if (!only || another) throw new TemplateError(`${head.text} takes one value`, head.at);
    return (data) => fn(only(data));
  }
  if (only) throw new TemplateError(`${head.text} is no function that is supported`, head.at);
  return operand(head);
}

function operand({ text, at }: Word): Part {
  if (text === "$value" || text === ".Value") return ({ value }) => value;
  const [, label] = /^(?:\$labels|\.Labels)\.([A-Za-z_]\w*)$/.exec(text) ?? [];
  if (label !== undefined) return ({ labels }) => labelValue(labels, label);
  if (text.startsWith("`")) return () => text.slice(1, -1);
  if (text.startsWith('"')) {
    const value = parseString(text);
    if (value === undefined) throw new TemplateError(`not a string: ${text}`, at);
    return () => value;
  }
  if (/^-?\d+(\.\d+)?$/.test(text)) return () => Number(text);
  throw new TemplateError(`${text} is not supported: there are $labels.NAME, $value, and functions`, at);
}

const VERB = /%(?:%|(?:\.(\d))?([svfgq]))/g;

function printf({ at }: Word, [format, ...args]: readonly Part[]): Part {
  const text = format?.({ labels: {}, value: 0 });
  if (typeof text !== "string") throw new TemplateError("printf needs its format first", at);
  const verbs = [...text.matchAll(VERB)].filter(([verb]) => verb !== "%%");
  if (text.replaceAll(VERB, "").includes("%") || verbs.length !== args.length)
    throw new TemplateError("printf knows %s, %v, %q, %f, %.2f, %g and needs one value for each", at);
  return (data) => {
    const cells = args.map((arg) => arg(data));
    let next = 0;
    return text.replaceAll(VERB, (verb, digits?: string, letter?: string) => {
      if (verb === "%%") return "%";
      return formatted(cells[next++] ?? "", letter ?? "", digits);
    });
  };
}

function formatted(cell: Cell, letter: string, digits: string | undefined): string {
  switch (letter) {
    case "f":
      return fixed(Number(cell), digits === undefined ? 6 : Number(digits));
    case "g":
      return digits === undefined ? plainNumber(Number(cell)) : significant(Number(cell), Number(digits));
    case "q":
      return JSON.stringify(textOf(cell));
    default:
      return textOf(cell);
  }
}
