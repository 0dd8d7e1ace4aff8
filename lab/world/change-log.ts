import type { Cancel, Clock } from "../../runtime/clock.ts";
import { createSubscribers } from "../../runtime/subscribers.ts";
import type { ActionResult } from "./action-result.ts";
import type { ChangeEntry } from "./change-entry.ts";

/** The lab's change log, and how each entry can be taken back. */
export interface ChangeLog {
  readonly entries: readonly ChangeEntry[];
  add(entry: Omit<ChangeEntry, "id" | "at">, revert: () => Promise<ActionResult>): ChangeEntry;
  revert(id: string): Promise<ActionResult>;
  onEntry(run: (entry: ChangeEntry) => void): Cancel;
}

const FIRST_ID = 1001;

/** Id of the change log's entry at this place, from 0. */
export const changeId = (place: number): string => `chg-${FIRST_ID + place}`;

export function createChangeLog(clock: Clock): ChangeLog {
  const entries: ChangeEntry[] = [];
  const added = createSubscribers<ChangeEntry>();
  const reverts = new Map<string, () => Promise<ActionResult>>();
  return {
    entries,
    add(entry, revert) {
      const made = {
        id: changeId(entries.length),
        at: new Date(clock.wall()).toISOString(),
        ...entry,
      };
      entries.push(made);
      reverts.set(made.id, revert);
      added.emit(made);
      return made;
    },
    async revert(id) {
      const revert = reverts.get(id);
      if (!revert)
        return {
          ok: false,
          message: `there is no change ${id}; there is ${[...reverts.keys()].join(", ") || "none"}`,
        };
      return revert();
    },
    onEntry: added.add,
  };
}
