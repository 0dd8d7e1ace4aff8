import type { JournalLine } from "../../../lab/drill/events.ts";
import type { ChangeEntry } from "../../../lab/world/change-entry.ts";

/** Something that happened, on the chart of what users feel. */
export interface Mark {
  readonly at: number;
  readonly kind: "change" | "impact" | "page" | "action" | "measure" | "repair";
  /** For people: what it was. */
  readonly text: string;
}

/** What happened, in order of time. Changes are marked once somebody has looked at the change log, and all look alike. */
export function marksOf(journal: readonly JournalLine[], changes: readonly ChangeEntry[]): readonly Mark[] {
  const isKnown = journal.some(
    (line) => line.event === "debriefed" || (line.event === "looked" && line.subject === "changes"),
  );
  const known = isKnown
    ? changes.map(({ at, summary }): Mark => ({ at: Date.parse(at), kind: "change", text: summary }))
    : [];
  let hadImpact = false;
  const steps = journal.flatMap((line): Mark[] => {
    if (line.event === "impact") hadImpact = true;
    const mark = markOf(line, hadImpact);
    return mark ? [mark] : [];
  });
  return [...known, ...steps].sort((a, b) => a.at - b.at);
}

function markOf(line: JournalLine, hadImpact: boolean): Mark | undefined {
  const at = Date.parse(line.at);
  switch (line.event) {
    case "impact":
      return { at: Date.parse(line.firstFailureAt), kind: "impact", text: "users began to be hurt" };
    case "paged":
      return { at, kind: "page", text: line.summary };
    case "acted":
    case "noticed":
      return line.by?.startsWith("measure:")
        ? { at, kind: "measure", text: `${line.by}: ${line.action}` }
        : { at, kind: "action", text: line.action };
    case "prevented":
    case "caught":
      return { at, kind: "measure", text: `${line.by}: ${line.message}` };
    case "users":
      return line.well && hadImpact
        ? { at: Date.parse(line.since), kind: "repair", text: "users are well again" }
        : undefined;
    default:
      return undefined;
  }
}

/** Marks whose names would lie on one another go to rows of their own, as far as there are rows. */
export function rowsOf(
  places: readonly { readonly x: number; readonly width: number }[],
  rows: number,
): readonly (number | undefined)[] {
  const endsAt = Array.from({ length: rows }, () => -Infinity);
  return places.map(({ x, width }) => {
    const row = endsAt.findIndex((end) => end < x);
    if (row < 0) return undefined;
    endsAt[row] = x + width;
    return row;
  });
}
