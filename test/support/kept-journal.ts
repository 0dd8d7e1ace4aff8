import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openJournal } from "../../lab/drill/journal.ts";
import type { JournalLine } from "../../lab/drill/events.ts";
import { createManualClock } from "./manual-clock.ts";

/** The text of a journal as a live lab keeps it on the disk, of a drill's lines. */
export function keptJournal(lines: readonly JournalLine[]): string {
  const folder = mkdtempSync(join(tmpdir(), "journal-"));
  try {
    const clock = createManualClock();
    const path = join(folder, "journal.ndjson");
    const journal = openJournal(path, clock);
    const begun = Date.parse(lines[0]?.at ?? "");
    for (const { seq: _seq, at, prev: _prev, ...event } of lines) {
      clock.advance(Math.max(0, Date.parse(at) - begun - clock.now()));
      journal.append(event);
    }
    journal.close();
    return readFileSync(path, "utf8");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
