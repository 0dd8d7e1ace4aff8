import type { JournalLine } from "../drill/events.ts";
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
    | "check"
    | "users"
    | "end"
    | "restarted";
  readonly detail: string;
}

type Told = Omit<TimelineEntry, "minute"> & { readonly at: number };
type Lived = Pick<Simulation, "journal" | "state" | "changes" | "said">;

const percent = (ratio: number): string => `${(ratio * 100).toFixed(1)} %`;

/** When the outage began, epoch ms: the moment of the change. Without one, when steady state was seen. */
export const outageBegan = ({ state }: Pick<Simulation, "state">): number =>
  state.changedAt ?? state.steadyAt ?? state.createdAt;

/** Two decimals: a drill is told to half a second. */
export const minuteOf = (at: number, origin: number): number => Math.round((at - origin) / 600) / 100;

/** Everything that happened, in order: what was changed, what users felt, what rang, what the responder said and did. */
export function timelineOf(lived: Lived): TimelineEntry[] {
  const origin = outageBegan(lived);
  const told: Told[] = [
    ...lived.changes.map(({ at, by, summary, detail }): Told => ({
      at: Date.parse(at),
      event: "change",
      detail: `${by}: ${summary} (${detail})`,
    })),
    ...lived.said.map(({ at, line }): Told => ({ at, event: "responder", detail: line })),
    ...journalled(lived.journal),
  ];
  return told
    .sort((a, b) => a.at - b.at)
    .map(({ at, event, detail }) => ({ minute: minuteOf(at, origin), event, detail }));
}

function journalled(journal: readonly JournalLine[]): Told[] {
  const told: Told[] = [];
  let lastCheck: boolean | undefined;
  let ending = false;
  for (const line of journal) {
    if (line.event === "ending") ending = true;
    if (line.event === "checked") {
      // Somebody who waits asks again and again: what is new is told.
      if (line.ok === lastCheck) continue;
      lastCheck = line.ok;
    }
    // The restart at the end is the judge's: what rings in it says nothing of the incident.
    if (line.event === "alert" && ending && line.to === "firing") continue;
    const entry = entryOf(line);
    if (entry) told.push(entry);
  }
  return told;
}

function entryOf(line: JournalLine): Told | undefined {
  const at = Date.parse(line.at);
  switch (line.event) {
    case "impact":
      return {
        at: Date.parse(line.firstFailureAt),
        event: "impact",
        detail: `the first request fails; soon ${percent(line.failedRatio)} of requests and ${percent(line.affectedRatio)} of users do`,
      };
    case "alert":
      if (line.to === "firing")
        return { at, event: "alert", detail: `${line.alert} fires (${line.severity})` };
      return line.from === "firing"
        ? { at, event: "resolved", detail: `${line.alert} is resolved` }
        : undefined;
    case "paged":
      return { at, event: "page", detail: `${line.alert}: ${line.summary}` };
    case "diagnosed": {
      const { component, mechanism, scope } = line.diagnosis;
      return { at, event: "diagnosis", detail: `${component}, ${mechanism}, ${scope}` };
    }
    case "acted":
      return {
        at: at - line.ms,
        event: "action",
        detail: `${line.action}: ${line.ok ? "" : "refused: "}${line.message}`,
      };
    case "checked":
      return { at, event: "check", detail: line.ok ? "OK" : `NO: ${line.felt.join("; ")}` };
    case "users":
      return {
        at: Date.parse(line.since),
        event: "users",
        detail: line.well ? "users are well again" : "users are not well any more",
      };
    case "ending":
      return { at, event: "end", detail: `the drill ends (${line.reason})` };
    case "restarted":
      return {
        at,
        event: "restarted",
        detail: `all units restarted once: ${line.well ? `users are well again after ${line.seconds} s` : "users are not well"}`,
      };
    default:
      return undefined;
  }
}
