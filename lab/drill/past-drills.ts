import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { journalPath } from "./journal.ts";
import type { FoundJournal } from "./journal-text.ts";
import { inspectJournal } from "./read-journal.ts";

/** A drill of which there is a record. */
export interface PastDrill {
  readonly id: string;
  readonly path: string;
  readonly found: FoundJournal;
}

/** Every drill that was recorded here and can be read, oldest first. */
export function pastDrills(home: string): readonly PastDrill[] {
  const folder = join(home, "drills");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .flatMap((id) => {
      const path = journalPath(home, id);
      const found = readable(path);
      return found === undefined || found.lines.length === 0 ? [] : [{ id, path, found }];
    });
}

/** Undefined for what is no journal, or one of a newer lab. */
function readable(path: string): FoundJournal | undefined {
  try {
    return inspectJournal(path);
  } catch {
    return undefined;
  }
}

/** The how-manieth drill of this incident by this trainee the next one is, from 1. */
export function nextAttempt(home: string, alias: string, trainee: string | undefined): number {
  const earlier = pastDrills(home).filter(({ found: { lines } }) => {
    const [first] = lines;
    return first?.event === "created" && first.alias === alias && first.trainee === trainee;
  });
  return earlier.length + 1;
}
