import type { Diagnosis } from "../../scenarios/diagnosis.ts";
import type { MeasuredImpact } from "../judge/impact.ts";
import type { JournalLine } from "./events.ts";
import type { Result } from "./result.ts";

export type Phase = "briefing" | "steady" | "changed" | "open" | "ending" | "done" | "refused" | "void";

export interface Look {
  readonly at: number;
  readonly subject: string;
}

export interface Acted extends Look {
  /** When it was begun; `at` is when it was over. */
  readonly begunAt: number;
  readonly action: string;
  readonly ok: boolean;
}

/** A drill as its journal tells it. Times are epoch milliseconds. */
export interface DrillState {
  readonly drill: string;
  readonly alias: string;
  readonly seed: number;
  readonly sealed: string;
  readonly timeLimitMs: number | null;
  readonly phase: Phase;
  readonly createdAt: number;
  readonly steadyAt: number | null;
  readonly requestsPerSecond: number | null;
  readonly steadyP95Ms: Readonly<Record<string, number>>;
  readonly changedAt: number | null;
  readonly impactAt: number | null;
  /** When the first request after the change failed. */
  readonly firstFailureAt: number | null;
  /** Names of the alerts that fired since the change, in the order in which they did, each once. */
  readonly fired: readonly string[];
  /** Pages before the change: there was nothing to page for. */
  readonly falsePages: readonly string[];
  readonly pagedAt: number | null;
  readonly acknowledgedAt: number | null;
  readonly page: { readonly alert: string; readonly summary: string } | null;
  /** Looks and acts in order; what was looked at last tells what a minute was spent on. */
  readonly looks: readonly Look[];
  readonly acts: readonly Acted[];
  readonly hints: number;
  readonly diagnosis: (Diagnosis & { readonly at: number }) | null;
  readonly checks: readonly { readonly at: number; readonly ok: boolean }[];
  /** Since when users have been well, after the impact; null while they are not. */
  readonly wellSince: number | null;
  readonly endingAt: number | null;
  readonly durable: boolean | null;
  readonly impact: MeasuredImpact | null;
  readonly userMinutesLostPer1000: number | null;
  readonly result: Result | null;
  readonly reset: {
    readonly equal: boolean;
    readonly ms: number;
    readonly differences: readonly string[];
  } | null;
  readonly reason: string | null;
}

const START: DrillState = {
  drill: "",
  alias: "",
  seed: 0,
  sealed: "",
  timeLimitMs: null,
  phase: "briefing",
  createdAt: 0,
  steadyAt: null,
  requestsPerSecond: null,
  steadyP95Ms: {},
  changedAt: null,
  impactAt: null,
  firstFailureAt: null,
  fired: [],
  falsePages: [],
  pagedAt: null,
  acknowledgedAt: null,
  page: null,
  looks: [],
  acts: [],
  hints: 0,
  diagnosis: null,
  checks: [],
  wellSince: null,
  endingAt: null,
  durable: null,
  impact: null,
  userMinutesLostPer1000: null,
  result: null,
  reset: null,
  reason: null,
};

/** A drill's state is a pure fold over its journal: it survives a crash and can be replayed. */
export const stateOf = (lines: readonly JournalLine[]): DrillState => lines.reduce(fold, START);

/** The state after one more line. */
export function fold(state: DrillState, line: JournalLine): DrillState {
  const at = Date.parse(line.at);
  switch (line.event) {
    case "created": {
      const { drill, alias, seed, sealed, timeLimitMs } = line;
      return { ...state, drill, alias, seed, sealed, timeLimitMs, createdAt: at };
    }
    case "steady":
      return {
        ...state,
        phase: "steady",
        steadyAt: at,
        requestsPerSecond: line.requestsPerSecond,
        steadyP95Ms: line.p95Ms,
      };
    case "changed":
      return { ...state, phase: "changed", changedAt: at };
    case "impact":
      return { ...state, phase: "open", impactAt: at, firstFailureAt: Date.parse(line.firstFailureAt) };
    case "alert":
      // What fires while the judge restarts everything says nothing of the incident.
      return line.to === "firing" &&
        (state.phase === "changed" || state.phase === "open") &&
        !state.fired.includes(line.alert)
        ? { ...state, fired: [...state.fired, line.alert] }
        : state;
    case "informed":
    case "reminded":
      return state;
    case "acknowledged":
      return { ...state, acknowledgedAt: state.acknowledgedAt ?? at };
    case "paged":
      if (state.changedAt === null) return { ...state, falsePages: [...state.falsePages, line.alert] };
      return state.pagedAt === null
        ? { ...state, pagedAt: at, page: { alert: line.alert, summary: line.summary } }
        : state;
    case "looked":
      return { ...state, looks: [...state.looks, { at, subject: line.subject }] };
    case "acted": {
      const { action, subject, ok, ms } = line;
      return {
        ...state,
        looks: [...state.looks, { at, subject }],
        acts: [...state.acts, { at, begunAt: at - ms, subject, action, ok }],
      };
    }
    case "hinted":
      return { ...state, hints: Math.max(state.hints, line.hint) };
    case "diagnosed":
      return { ...state, diagnosis: { ...line.diagnosis, at } };
    case "checked":
      return { ...state, checks: [...state.checks, { at, ok: line.ok }] };
    case "users":
      return { ...state, wellSince: line.well ? Date.parse(line.since) : null };
    case "ending":
      return { ...state, phase: "ending", endingAt: at };
    case "restarted":
      return { ...state, durable: line.well };
    case "measured":
      return { ...state, impact: line.impact, userMinutesLostPer1000: line.userMinutesLostPer1000 };
    case "debriefed":
      return { ...state, phase: "done", result: line.result };
    case "reset":
      return { ...state, reset: { equal: line.equal, ms: line.ms, differences: line.differences } };
    case "refused":
    case "void":
      return { ...state, phase: line.event, reason: line.reason };
  }
}
