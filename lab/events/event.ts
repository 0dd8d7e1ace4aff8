import type { JournalLine } from "../drill/events.ts";
import type { AlertTransition } from "../observe/rules/alert.ts";
import type { UnitEvent } from "../world/host.ts";
import type { ChangeEntry } from "../world/change-entry.ts";
import type { StatusView } from "../trainee/views.ts";
import type { TrafficView } from "./traffic-view.ts";

/**
 * An event of a lab. `journal`: a line of the drill's record. `state`: the lab at a glance, and
 * `traffic`: the requests since the last one, each four times a second. `change`: a new entry of the change log. `unit`,
 * `alert`: a step in the life of one. Nothing in it reveals an incident before its end.
 */
export type LabEvent =
  | { readonly type: "journal"; readonly drill: string; readonly line: JournalLine }
  | { readonly type: "state"; readonly state: StatusView }
  | { readonly type: "traffic"; readonly traffic: TrafficView }
  | { readonly type: "change"; readonly change: ChangeEntry }
  | { readonly type: "unit"; readonly unit: UnitEvent }
  | { readonly type: "alert"; readonly alert: AlertTransition };

export type EventType = LabEvent["type"];

export const EVENT_TYPES = [
  "journal",
  "state",
  "traffic",
  "change",
  "unit",
  "alert",
] as const satisfies readonly EventType[];

/** The record of one drill up to now: `lines[i].seq` is i + 1. */
export interface LabJournal {
  readonly drill: string;
  readonly lines: readonly JournalLine[];
}

/** A line of some drill's record: all up to it have been read. */
export interface JournalPlace {
  readonly drill: string;
  readonly seq: number;
}

/** The answer of `/v1/journal`. */
export interface JournalView {
  readonly schemaVersion: 1;
  /** Null before the first drill. */
  readonly drill: string | null;
  readonly lines: readonly JournalLine[];
}

export const journalView = (journal: LabJournal | undefined): JournalView => ({
  schemaVersion: 1,
  drill: journal?.drill ?? null,
  lines: journal?.lines ?? [],
});
