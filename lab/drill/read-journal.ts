import { existsSync, readFileSync } from "node:fs";
import { CodedError } from "../../runtime/errors.ts";
import type { JournalLine } from "./events.ts";
import { inspectJournalText, type FoundJournal } from "./journal-text.ts";

/** Throws CodedError ENVIRONMENT for a journal of a newer lab, NOT_FOUND where there is none. */
export function inspectJournal(path: string): FoundJournal {
  if (!existsSync(path)) throw new CodedError("NOT_FOUND", `there is no journal ${path}`);
  return inspectJournalText(readFileSync(path, "utf8"), path);
}

/** The journal's whole lines; none where there is no journal. What follows a torn or altered line is left out. */
export function readJournal(path: string): readonly JournalLine[] {
  return existsSync(path) ? inspectJournal(path).lines : [];
}
