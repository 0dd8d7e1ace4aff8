import type { Clock } from "../../runtime/clock.ts";
import type { JournalLine } from "./events.ts";
import type { Journal } from "./journal.ts";
import { hashOfText } from "../../runtime/line-hash.ts";

/** A record that ends with its process: of a drill in virtual time, which can be run again. */
export function createMemoryJournal(clock: Clock): Journal {
  const lines: JournalLine[] = [];
  return {
    path: "memory",
    lines,
    head: null,
    append(event) {
      const line: JournalLine = { seq: lines.length + 1, at: new Date(clock.wall()).toISOString(), ...event };
      lines.push(line);
      return line;
    },
    keepText: hashOfText,
    keepChange: (before, after) => ({ before: hashOfText(before), after: hashOfText(after) }),
    assertKept() {},
    close() {},
  };
}
