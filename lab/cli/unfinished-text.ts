import type { DrillRecord } from "../drill/record.ts";
import { timelineText } from "./debrief.ts";
import { paint } from "./output.ts";

/** What is told of a drill that came to no result: what there was, and never the answer, for it may be done again. */
export function unfinishedText(record: DrillRecord, again: string | undefined): string {
  const { state, stopped, alias, timeline, journal } = record;
  const how =
    stopped === null ? "has no end: it runs, or its lab was killed" : `is ${state}: ${stopped.reason}`;
  return [
    paint("bold", `Drill "${alias}" ${how}.`),
    ...(timeline.length === 0 ? [] : [timelineText(timeline)]),
    [
      "It is graded by nobody, and the answer stays where it is.",
      ...(again === undefined ? [] : [`Again: ${again}`]),
      `Journal: ${journal.path}`,
      `Later: npx lblab debrief ${record.drill}`,
    ].join("\n"),
  ].join("\n\n");
}
