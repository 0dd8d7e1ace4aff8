import type { JournalLine } from "../../lab/drill/events.ts";
import type { Journal } from "../../lab/drill/journal.ts";
import { hashOfText } from "../../runtime/line-hash.ts";
import { CodedError } from "../../runtime/errors.ts";
import type { Clock } from "../../runtime/clock.ts";

export interface MemoryJournal extends Journal {
  /** From now on the disk is full. */
  fail(): void;
  /** The lines without their number and time. */
  readonly events: readonly string[];
}

export function createMemoryJournal(clock: Clock): MemoryJournal {
  const lines: JournalLine[] = [];
  let full = false;
  return {
    path: "nowhere",
    lines,
    head: null,
    keepText: hashOfText,
    keepChange: (before, after) => ({ before: hashOfText(before), after: hashOfText(after) }),
    assertKept() {
      if (full) throw new CodedError("DISK", "no space left on device");
    },
    append(event) {
      if (full) throw new CodedError("DISK", "no space left on device");
      const line: JournalLine = { seq: lines.length + 1, at: new Date(clock.wall()).toISOString(), ...event };
      lines.push(line);
      return line;
    },
    close: () => {},
    fail: () => void (full = true),
    get events() {
      return lines.map(({ event }) => event);
    },
  };
}
