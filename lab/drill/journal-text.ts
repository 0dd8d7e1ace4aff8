import { CodedError } from "../../runtime/errors.ts";
import { hashOfLine } from "../../runtime/line-hash.ts";
import { JOURNAL_SCHEMA, type JournalLine } from "./events.ts";

/** A journal as it was found. */
export interface FoundJournal {
  /** All lines up to the first that is not what it must be. */
  readonly lines: readonly JournalLine[];
  /** Hash of the last of them; null without any. */
  readonly head: string | null;
  /** The first line that is not what it must be, counted from 1, and why; undefined when there is none. */
  readonly damage: { readonly line: number; readonly reason: string } | undefined;
  /** The last line has no end: its writer was killed in the middle of it. It was never acknowledged. */
  readonly torn: boolean;
  /** False for a journal of schema 1, whose lines carry no hashes. */
  readonly chained: boolean;
}

/** Reads the text of a journal. Throws CodedError ENVIRONMENT for one of a newer lab; `name` is what it is called then. */
export function inspectJournalText(whole: string, name: string): FoundJournal {
  const texts = whole.split("\n");
  const torn = texts.pop() !== "";
  const lines: JournalLine[] = [];
  let head: string | null = null;
  let damage: FoundJournal["damage"];
  let chained = true;
  for (const text of texts) {
    const line = parsed(text);
    if (lines.length === 0 && line) chained = line.prev !== undefined;
    const reason = faultOf(line, { seq: lines.length + 1, prev: chained ? head : undefined });
    if (!line || reason !== undefined) {
      damage = { line: lines.length + 1, reason: reason ?? "no JSON" };
      break;
    }
    assertReadable(line, name);
    lines.push(line);
    head = hashOfLine(text);
  }
  return { lines, head, damage, torn, chained };
}

function parsed(text: string): JournalLine | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === "object" && value !== null ? (value as JournalLine) : undefined;
  } catch {
    return undefined;
  }
}

function faultOf(
  line: JournalLine | undefined,
  expected: { readonly seq: number; readonly prev: string | null | undefined },
): string | undefined {
  if (!line || typeof line.event !== "string" || Number.isNaN(Date.parse(line.at)))
    return "it is no line of a journal";
  if (line.seq !== expected.seq) return `its number is ${line.seq}, and not ${expected.seq}`;
  if (line.prev !== expected.prev) return "the line before it is not the one that was written";
  return undefined;
}

function assertReadable(line: JournalLine, name: string): void {
  if (line.event !== "created" || (line.schemaVersion ?? 1) <= JOURNAL_SCHEMA) return;
  throw new CodedError(
    "ENVIRONMENT",
    `${name} was written by a newer lab: its schema is ${line.schemaVersion}, and this lab reads up to ${JOURNAL_SCHEMA}`,
    { hint: "read it with the lab that wrote it, or a newer one" },
  );
}

/** Whether a journal is as it was written, for people. */
export function integrityWords({ damage, torn, chained }: FoundJournal): string {
  if (damage) return `DAMAGED at line ${damage.line}: ${damage.reason}`;
  if (torn) return "its last line is cut off: its lab was killed";
  return chained ? "whole" : "whole as far as can be checked: its lines carry no hashes";
}
