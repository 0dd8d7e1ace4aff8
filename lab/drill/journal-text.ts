import { CodedError } from "../../runtime/errors.ts";
import { inspectChain } from "../../runtime/chained-lines.ts";
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
  const { sound, damage, torn, chained } = inspectChain(whole, {
    of: "a journal",
    isLine: (line) => typeof (line as Partial<JournalLine>).event === "string",
    mayBeUnchained: true,
  });
  // Read back from what the journal wrote.
  const lines = sound.lines as readonly JournalLine[];
  for (const line of lines) assertReadable(line, name);
  return { lines, head: sound.head, damage, torn, chained };
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
