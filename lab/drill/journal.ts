import { join } from "node:path";
import type { Clock } from "../../runtime/clock.ts";
import { CodedError, messageOf } from "../../runtime/errors.ts";
import { configDiff } from "./config-diff.ts";
import type { ConfigStep } from "./config-step.ts";
import type { DrillEvent, JournalLine } from "./events.ts";
import { openJournalFile, type JournalFile, type OpenJournalFile } from "./journal-file.ts";
import { hashOfLine, hashOfText } from "../../runtime/line-hash.ts";

/** A drill's record. An event is on the disk before anything acts on it. */
export interface Journal {
  readonly path: string;
  readonly lines: readonly JournalLine[];
  /** Hash of the last line, which a further line would carry; null before the first. */
  readonly head: string | null;
  /** Writes one line through to the disk. Throws CodedError DISK when it cannot be kept. */
  append(event: DrillEvent): JournalLine;
  /** Keeps a text beside the lines, unless it is very long, and returns its SHA-256 (hexadecimal). Throws CodedError DISK. */
  keepText(text: string): string;
  /** Keeps both texts, and returns what differs. Throws CodedError DISK. */
  keepChange(before: string, after: string): ConfigStep;
  /** Throws CodedError DISK when somebody removed, moved or replaced the file. */
  assertKept(): void;
  close(): void;
}

/** Characters of a text beside a journal. */
const MOST_KEPT = 1_000_000;

const drillFolder = (home: string, drill: string): string => join(home, "drills", drill);
export const journalPath = (home: string, drill: string): string =>
  join(drillFolder(home, drill), "journal.ndjson");

/** Throws CodedError DISK when there is a file already, or none can be made. */
export function openJournal(path: string, clock: Clock, open: OpenJournalFile = openJournalFile): Journal {
  const lines: JournalLine[] = [];
  const lost = (error: unknown): CodedError => cannotBeWritten(path, error);
  const file = opened(path, open);
  let head: string | null = null;
  let closed: string | undefined;
  let released = false;

  function assertOpen(): void {
    if (closed !== undefined) throw new CodedError("DISK", `the journal ${path} is closed ${closed}`);
  }

  function assertKept(): void {
    assertOpen();
    if (file.isKept()) return;
    closed = "since it was lost";
    throw new CodedError("DISK", `the journal ${path} was removed or replaced by somebody`);
  }

  function keepText(text: string): string {
    assertOpen();
    const hash = hashOfText(text);
    // What is longer is in the balancer's own history.
    if (text.length > MOST_KEPT) return hash;
    try {
      file.keepText(hash, text);
    } catch (error) {
      throw lost(error);
    }
    return hash;
  }

  return {
    path,
    lines,
    get head() {
      return head;
    },
    append(event) {
      assertKept();
      const line: JournalLine = {
        seq: lines.length + 1,
        at: new Date(clock.wall()).toISOString(),
        prev: head,
        ...event,
      };
      const text = JSON.stringify(line);
      try {
        writeThrough(file, `${text}\n`);
      } catch (error) {
        closed = "after a failed write";
        throw lost(error);
      }
      head = hashOfLine(text);
      lines.push(line);
      return line;
    },
    keepText,
    keepChange: (before, after) => changeOf(before, after, keepText),
    assertKept,
    close() {
      if (released) return;
      released = true;
      // The descriptor's number may soon be another file's: nothing may be written to it any more.
      closed ??= "with its drill";
      file.close();
    },
  };
}

const cannotBeWritten = (path: string, cause: unknown): CodedError =>
  new CodedError("DISK", `the journal ${path} cannot be written: ${messageOf(cause)}`, { cause });

function opened(path: string, open: OpenJournalFile): JournalFile {
  try {
    return open(path);
  } catch (error) {
    throw cannotBeWritten(path, error);
  }
}

function writeThrough(file: JournalFile, text: string): void {
  const bytes = Buffer.from(text);
  // A full disk may take a part of it; the next write throws the reason, and a line torn there stays the last.
  for (let written = 0; written < bytes.length;) written += file.write(bytes, written);
  file.sync();
}

function changeOf(before: string, after: string, keep: (text: string) => string): ConfigStep {
  const diff = configDiff(before, after);
  const texts = { before: keep(before), after: keep(after) };
  return { ...texts, ...(diff === undefined ? {} : { diff }) };
}
