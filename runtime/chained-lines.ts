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
  /** The first line that is not what it must be, counted from 1, and why; undefined: the chain is whole. */
  readonly damage: { readonly line: number; readonly reason: string } | undefined;
  /** The last line has no end: its writer was cut off, and it was never acknowledged. */
  readonly torn: boolean;
}

/** Reads a chained log and says where its chain breaks: it shows damage, not forgery by somebody who hashes anew. */
export function inspectChain(text: string): FoundChain {
  const texts = text.split("\n");
  const torn = texts.pop() !== "";
  const lines: ChainedLine[] = [];
  let head: string | null = null;
  let damage: FoundChain["damage"];
  texts.forEach((one, index) => {
    const line = parsed(one);
    const reason = faultOf(line, index + 1, head);
    if (reason !== undefined) damage ??= { line: index + 1, reason };
    if (line) lines.push(line);
    head = hashOfLine(one);
  });
  return { lines, head, damage, torn };
}

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

function faultOf(line: ChainedLine | undefined, seq: number, prev: string | null): string | undefined {
  if (!line || Number.isNaN(Date.parse(line.at))) return "it is no line of such a log";
  if (line.seq !== seq) return `its number is ${String(line.seq)}, and not ${seq}`;
  if (line.prev !== prev) return "the line before it is not the one that was written";
  return undefined;
}
