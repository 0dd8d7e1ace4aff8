import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Clock } from "../../runtime/clock.ts";
import { CodedError, messageOf } from "../../runtime/errors.ts";
import type { DrillEvent, JournalLine } from "./events.ts";

/** A drill's record. An event is on the disk before anybody acts on it. */
export interface Journal {
  readonly path: string;
  readonly lines: readonly JournalLine[];
  /** Writes one line through to the disk. Throws CodedError DISK when it cannot be kept. */
  append(event: DrillEvent): JournalLine;
  close(): void;
}

export const journalPath = (dir: string, drill: string): string =>
  join(dir, "drills", drill, "journal.ndjson");

/** For appending, and new: two drills never share a record. Returns the file's descriptor. */
const createFile = (path: string): number => {
  mkdirSync(dirname(path), { recursive: true });
  return openSync(path, "ax", 0o600);
};

/** Throws CodedError DISK when there is a file already, or none can be made. */
export function openJournal(path: string, clock: Clock, open = createFile): Journal {
  const lines: JournalLine[] = [];
  let file: number;
  try {
    file = open(path);
  } catch (error) {
    throw new CodedError("DISK", `the journal ${path} cannot be written: ${messageOf(error)}`, {
      cause: error,
    });
  }
  let closed: string | undefined;
  let released = false;
  return {
    path,
    lines,
    append(event) {
      if (closed !== undefined) throw new CodedError("DISK", `the journal ${path} is closed ${closed}`);
      const line: JournalLine = { seq: lines.length + 1, at: new Date(clock.wall()).toISOString(), ...event };
      const text = Buffer.from(`${JSON.stringify(line)}\n`);
      try {
        // A full disk may take a part of it; writing on tells why, and a line torn there stays the last.
        for (let written = 0; written < text.length;) written += writeSync(file, text, written);
        fsyncSync(file);
      } catch (error) {
        closed = "after a failed write";
        throw new CodedError("DISK", `the journal ${path} cannot be written: ${messageOf(error)}`, {
          cause: error,
        });
      }
      lines.push(line);
      return line;
    },
    close() {
      if (released) return;
      released = true;
      // The descriptor's number may soon be another file's: nothing may be written to it any more.
      closed ??= "with its drill";
      closeSync(file);
    },
  };
}

/** The journal's whole lines. A torn last line, from a crash in the middle of a write, was never acknowledged: left out. */
export function readJournal(path: string): readonly JournalLine[] {
  if (!existsSync(path)) return [];
  const lines: JournalLine[] = [];
  // What comes after the last line's end is empty, or torn.
  for (const text of readFileSync(path, "utf8").split("\n").slice(0, -1)) {
    try {
      const line = JSON.parse(text) as JournalLine;
      if (line.seq !== lines.length + 1) break;
      lines.push(line);
    } catch {
      // What follows a torn line cannot be trusted.
      break;
    }
  }
  return lines;
}
