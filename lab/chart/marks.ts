import type { TimelineEntry } from "../simulate/timeline.ts";

/** An entry of the timeline, numbered as the list under the chart has it. */
export interface Mark {
  readonly number: number;
  readonly lane: Lane;
  readonly minute: number;
  readonly event: TimelineEntry["event"];
  readonly text: string;
}

/** Marks of one lane that would lie on top of one another, as one. */
export interface MarkGroup {
  readonly lane: Lane;
  readonly minute: number;
  /** `3`, or `3-5`. */
  readonly label: string;
}

export const LANES = ["changes", "steps", "users"] as const;
export type Lane = (typeof LANES)[number];

const LANE_OF: Partial<Record<TimelineEntry["event"], Lane>> = {
  change: "changes",
  responder: "steps",
  diagnosis: "steps",
  action: "steps",
  outside: "steps",
  check: "users",
  users: "users",
  impact: "users",
};

/** What of a timeline has a mark. Alerts have bars of their own. */
export function marksOf(timeline: readonly TimelineEntry[]): Mark[] {
  const marks: Mark[] = [];
  for (const { minute, event, detail } of timeline) {
    const lane = LANE_OF[event];
    if (lane === undefined) continue;
    const said = event === "responder" || event === "change" || event === "users" || event === "impact";
    marks.push({
      number: marks.length + 1,
      lane,
      minute,
      event,
      text: (said ? detail : `${event}: ${detail}`).replaceAll("\n", " "),
    });
  }
  return marks;
}

/** How wide a mark with this label is drawn, in pixels; its time is under `MARK_LEFT` of its left edge. */
export const markWidth = (label: string): number => Math.max(18, 8 + 7 * label.length);
export const MARK_LEFT = 9;
const BETWEEN = 3;

/** Puts marks of a lane that would touch into one. */
export function groupMarks(marks: readonly Mark[], pixelsPerMinute: number): MarkGroup[] {
  return LANES.flatMap((lane) => {
    const groups: Mark[][] = [];
    let free = -Infinity;
    for (const mark of marks.filter((one) => one.lane === lane)) {
      const left = mark.minute * pixelsPerMinute - MARK_LEFT;
      const last = groups.at(-1);
      const group = last && left < free ? last : [];
      if (group !== last) groups.push(group);
      group.push(mark);
      const begins = (group[0]?.minute ?? 0) * pixelsPerMinute - MARK_LEFT;
      free = begins + markWidth(labelOf(group)) + BETWEEN;
    }
    return groups.map((group) => ({ lane, minute: group[0]?.minute ?? 0, label: labelOf(group) }));
  });
}

const RUNS_SHOWN = 2;

/** Numbers between two of a group may belong to another lane: those are left out of the run. */
function labelOf(group: readonly Mark[]): string {
  const runs: number[][] = [];
  for (const { number } of group) {
    const run = runs.at(-1);
    if (run && run.at(-1) === number - 1) run.push(number);
    else runs.push([number]);
  }
  if (runs.length > RUNS_SHOWN) return `${group[0]?.number}…${group.at(-1)?.number}`;
  return runs.map((run) => (run.length === 1 ? `${run[0]}` : `${run[0]}-${run.at(-1)}`)).join(",");
}
