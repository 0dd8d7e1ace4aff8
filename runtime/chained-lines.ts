import { hashOfLine } from "./line-hash.ts";

/** What every line of a chained log has: its number from 1, when it was written (ISO 8601), and the hash of the line before. */
export interface ChainedLine {
  readonly seq: number;
  readonly at: string;
  /** Null in the first line. */
  readonly prev: string | null;
}

/** A chained log as it was found. */
export interface FoundChain {
  /** All whole lines that are JSON objects, also behind a damage. */
  readonly lines: readonly ChainedLine[];
  /** Hash of the last whole line; null without any. */
  readonly head: string | null;
  /** The lines before the damage, all of them without one, and the hash of the last of them; null without any. */
  readonly sound: { readonly lines: readonly ChainedLine[]; readonly head: string | null };
  /** False for a log whose lines carry no hashes. */
  readonly chained: boolean;
  /** The first line that is not what it must be, counted from 1, and why; undefined: the chain is whole. */
  readonly damage: { readonly line: number; readonly reason: string } | undefined;
  /** The last line has no end: its writer was cut off, and it was never acknowledged. */
  readonly torn: boolean;
}

export interface ChainTerms {
  /** What a line is called that is none of this log: "it is no line of ...". */
  readonly of: string;
  /** What a line must have beside its place in the chain. */
  readonly isLine?: (line: ChainedLine) => boolean;
  /** A log whose first line has no hash is of a time when none had, and no damage. */
  readonly mayBeUnchained?: boolean;
}

/** Reads a chained log and says where its chain breaks: it shows damage, not forgery by somebody who hashes anew. */
export function inspectChain(text: string, terms: ChainTerms): FoundChain {
  const texts = text.split("\n");
  const torn = texts.pop() !== "";
  const lines: ChainedLine[] = [];
  let head: string | null = null;
  let damage: FoundChain["damage"];
  let sound: FoundChain["sound"] | undefined;
  const chained = !(terms.mayBeUnchained === true && isUnchained(parsed(texts[0] ?? "")));
  texts.forEach((one, index) => {
    const line = parsed(one);
    const reason = faultOf(line, { seq: index + 1, prev: chained ? head : undefined }, terms);
    if (reason !== undefined && !damage) {
      damage = { line: index + 1, reason };
      sound = { lines: [...lines], head };
    }
    if (line) lines.push(line);
    head = hashOfLine(one);
  });
  return { lines, head, sound: sound ?? { lines, head }, damage, torn, chained };
}

const isUnchained = (first: ChainedLine | undefined): boolean =>
  first !== undefined && first.prev === undefined;

function parsed(text: string): ChainedLine | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as ChainedLine)
      : undefined;
  } catch {
    return undefined;
  }
}

function faultOf(
  line: ChainedLine | undefined,
  expected: { readonly seq: number; readonly prev: string | null | undefined },
  { of, isLine = () => true }: ChainTerms,
): string | undefined {
  if (!line || Number.isNaN(Date.parse(line.at)) || !isLine(line)) return `it is no line of ${of}`;
  if (line.seq !== expected.seq) return `its number is ${String(line.seq)}, and not ${expected.seq}`;
  if (line.prev !== expected.prev) return "the line before it is not the one that was written";
  return undefined;
}
