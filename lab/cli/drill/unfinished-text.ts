import { messageOf } from "../../../runtime/errors.ts";
import type { DrillRecord } from "../../drill/record.ts";
import { timelineText } from "../records/debrief.ts";
import { paint } from "../output.ts";

/**
 * The text of a drill that came to no result: its timeline, and never the answer, for it may be repeated. `why` is what
 * ended it, where its journal could no longer be written.
 */
export function unfinishedText(record: DrillRecord, again: string | undefined, why?: unknown): string {
  const { state, stopped, alias, timeline, journal } = record;
  const how = stopped
    ? `is ${state}: ${stopped.reason}`
    : why === undefined
      ? "has no end: it runs, or its lab was killed"
      : `came to no result: ${messageOf(why)}`;
  return [
    paint("bold", `Drill "${alias}" ${how}.`),
    ...(timeline.length === 0 ? [] : [timelineText(timeline)]),
    [
      "It is not graded, and the answer is not shown.",
      ...(again === undefined ? [] : [`Again: ${again}`]),
      `Journal: ${journal.path}`,
      `Later: npx lblab debrief ${record.drill}`,
    ].join("\n"),
  ].join("\n\n");
}
