import type { JournalLine } from "../drill/events.ts";
import { momentOf, type Moment } from "../drill/moments.ts";
import type { Simulation } from "./simulate-drill.ts";

/** One thing that happened. Minutes count from the change, so that what came before it is negative. */
export interface TimelineEntry {
  readonly minute: number;
  readonly event:
    | "change"
    | "impact"
    | "alert"
    | "page"
    | "resolved"
    | "responder"
    | "diagnosis"
    | "action"
    | "outside"
    | "prevented"
    | "held"
    | "caught"
    | "suspected"
    | "check"
    | "users"
    | "end"
    | "restarted";
  readonly detail: string;
}

type Reported = Omit<TimelineEntry, "minute"> & { readonly at: number };
type Run = Pick<Simulation, "journal" | "state" | "changes" | "said">;

/** When the outage began, epoch ms: the moment of the change. Without one, when steady state was seen. */
export const outageBegan = ({ state }: Pick<Simulation, "state">): number =>
  state.changedAt ?? state.steadyAt ?? state.createdAt;

/** Two decimals: a drill is timed to half a second. */
export const minuteOf = (at: number, origin: number): number => Math.round((at - origin) / 600) / 100;

/** Everything that happened, in order: changes, what users felt, alerts, and what the responder said and did. */
export function timelineOf(run: Run): TimelineEntry[] {
  const origin = outageBegan(run);
  const reported: Reported[] = [
    ...run.changes.map(({ at, by, summary, detail }): Reported => ({
      at: Date.parse(at),
      event: "change",
      detail: `${by}: ${summary} (${detail})`,
    })),
    ...run.said.map(({ at, line }): Reported => ({ at, event: "responder", detail: line })),
    ...journalled(run.journal),
  ];
  return reported
    .sort((a, b) => a.at - b.at)
    .map(({ at, event, detail }) => ({ minute: minuteOf(at, origin), event, detail }));
}

function journalled(journal: readonly JournalLine[]): Reported[] {
  const reported: Reported[] = [];
  let lastCheck: boolean | undefined;
  let ending = false;
  for (const line of journal) {
    if (line.event === "ending") ending = true;
    if (line.event === "checked") {
      // A responder that waits checks again and again: only a new answer is reported.
      if (line.ok === lastCheck) continue;
      lastCheck = line.ok;
    }
    // The judge restarts all units at the end: alerts in it say nothing of the incident.
    if (line.event === "alert" && ending && line.to === "firing") continue;
    const moment = momentOf(line);
    if (moment && isShown(moment))
      reported.push({ at: moment.at, event: moment.event, detail: moment.detail });
  }
  return reported;
}

/** Other events of a journal are no part of a simulation's timeline. */
const SHOWN: ReadonlySet<string> = new Set<TimelineEntry["event"]>([
  "impact",
  "alert",
  "resolved",
  "page",
  "diagnosis",
  "action",
  "outside",
  "prevented",
  "held",
  "caught",
  "suspected",
  "check",
  "users",
  "end",
  "restarted",
]);

const isShown = (moment: Moment): moment is Moment & Reported => SHOWN.has(moment.event);
