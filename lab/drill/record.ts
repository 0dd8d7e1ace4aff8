import type { EndReason, JournalLine } from "./events.ts";
import { momentsOf, type Moment } from "./moments.ts";
import { stateOf, type DrillState } from "./state.ts";
import type { StopCause } from "./stop-cause.ts";

/** A drill as its result file has it, at any time: also of one that never came to a result. */
export interface DrillRecord {
  readonly schemaVersion: 1;
  /** `unfinished`: it runs, or its lab was killed. */
  readonly state: "unfinished" | "ended" | "refused" | "void";
  readonly drill: string;
  readonly alias: string;
  readonly seed: number;
  /** Null in a record of a lab that did not write them yet. */
  readonly user: string | null;
  readonly trainee: string | null;
  readonly attempt: number | null;
  readonly world: string | null;
  readonly version: string | null;
  readonly timeLimitMinutes: number | null;
  /** ISO 8601. */
  readonly begun: string;
  readonly ended: string | null;
  readonly seconds: number | null;
  readonly endReason: EndReason | null;
  /** Why it came to no result; null where it did, or may yet. */
  readonly stopped: { readonly because: StopCause | null; readonly reason: string } | null;
  readonly resumes: number;
  /** Where the whole record is, and the hash of its last line when this was written. */
  readonly journal: { readonly path: string; readonly lines: number; readonly head: string | null };
  readonly timeline: readonly RecordedMoment[];
}

export interface RecordedMoment extends Omit<Moment, "at"> {
  /** ISO 8601. */
  readonly at: string;
  /** From the change on; null without one. */
  readonly seconds: number | null;
}

/** The record that a journal makes. Nothing in it names the scenario. */
export function recordOf(
  lines: readonly JournalLine[],
  journal: { readonly path: string; readonly head: string | null },
): DrillRecord {
  const state = stateOf(lines);
  const { context, timeLimitMs, createdAt } = state;
  const ended = endOf(state, lines);
  return {
    schemaVersion: 1,
    state: state.phase === "done" ? "ended" : stoppedAs(state.phase),
    drill: state.drill,
    alias: state.alias,
    seed: state.seed,
    user: context?.user ?? null,
    trainee: context?.trainee ?? null,
    attempt: context?.attempt ?? null,
    world: context?.world ?? null,
    version: context?.version ?? null,
    timeLimitMinutes: timeLimitMs === null ? null : timeLimitMs / 60_000,
    begun: iso(createdAt),
    ended: ended === null ? null : iso(ended),
    seconds: ended === null ? null : Math.round((ended - createdAt) / 1000),
    endReason: state.endReason,
    stopped: state.reason === null ? null : { because: state.because, reason: state.reason },
    resumes: state.resumes,
    journal: { path: journal.path, lines: lines.length, head: journal.head },
    timeline: timelineOf(lines, state),
  };
}

const iso = (at: number): string => new Date(at).toISOString();

const stoppedAs = (phase: DrillState["phase"]): "refused" | "void" | "unfinished" =>
  phase === "refused" || phase === "void" ? phase : "unfinished";

/** When it came to its result, or was refused or void. */
function endOf({ phase }: DrillState, lines: readonly JournalLine[]): number | null {
  if (phase !== "done" && phase !== "refused" && phase !== "void") return null;
  const last = lines.findLast(
    ({ event }) => event === "debriefed" || event === "refused" || event === "void",
  );
  return last ? Date.parse(last.at) : null;
}

/** Everything that happened, in order, with its time from the change on. */
export function timelineOf(
  lines: readonly JournalLine[],
  { changedAt }: Pick<DrillState, "changedAt">,
): RecordedMoment[] {
  return momentsOf(lines).map(({ at, ...moment }) => ({
    at: iso(at),
    seconds: changedAt === null ? null : Math.round((at - changedAt) / 100) / 10,
    ...moment,
  }));
}
