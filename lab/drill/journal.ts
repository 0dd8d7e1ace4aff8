import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
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

export function openJournal(path: string, clock: Clock): Journal {
  const lines: JournalLine[] = [];
  let file: number;
  try {
    mkdirSync(join(path, ".."), { recursive: true });
    file = openSync(path, "ax", 0o600);
  } catch (error) {
    throw new CodedError("DISK", `the journal ${path} cannot be written: ${messageOf(error)}`, {
      cause: error,
    });
  }
  let broken = false;
  return {
    path,
    lines,
    append(event) {
      if (broken) throw new CodedError("DISK", `the journal ${path} is closed after a failed write`);
      const line: JournalLine = { seq: lines.length + 1, at: new Date(clock.wall()).toISOString(), ...event };
      const text = Buffer.from(`${JSON.stringify(line)}\n`);
      try {
        // A full disk may take a part: the rest would then stand behind a torn line.
        if (writeSync(file, text) !== text.length)
          throw new Error("only a part of the line could be written");
        fsyncSync(file);
      } catch (error) {
        broken = true;
        throw new CodedError("DISK", `the journal ${path} cannot be written: ${messageOf(error)}`, {
          cause: error,
        });
      }
      lines.push(line);
      return line;
    },
    close: () => closeSync(file),
  };
}

/** The journal's whole lines. A torn last line, from a crash in the middle of a write, was never acknowledged: left out. */
export function readJournal(path: string): readonly JournalLine[] {
  if (!existsSync(path)) return [];
  const lines: JournalLine[] = [];
  for (const text of readFileSync(path, "utf8").split("\n")) {
    if (text === "") continue;
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
