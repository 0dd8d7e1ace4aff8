import type { Diagnosis } from "../../scenarios/diagnosis.ts";
import type { MeasuredImpact } from "../judge/impact.ts";
import { isDriller } from "../trainee/actor.ts";
import type { DrillContext, EndReason, JournalLine, Step } from "./events.ts";
import type { Result } from "./result.ts";
import type { StopCause } from "./stop-cause.ts";
import type { WrongAction } from "./wrong-action.ts";

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
  /** Absent: the trainee. */
  readonly by?: string;
  /** False for the act of a measure or the instructor, which counts neither for nor against the trainee. */
  readonly own: boolean;
}

export interface ByMeasure {
  readonly at: number;
  /** `measure:NAME` */
  readonly by: string;
}

/** A drill's state by its journal. Times are epoch milliseconds. */
export interface DrillState {
  readonly drill: string;
  readonly alias: string;
  readonly seed: number;
  readonly sealed: string;
  readonly timeLimitMs: number | null;
  /** Who and where; null in a journal of schema 1. */
  readonly context: DrillContext | null;
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
  /** Looks and acts in order; the last look shows what a minute was spent on. */
  readonly looks: readonly Look[];
  readonly acts: readonly Acted[];
  /** Changes, other than acts, that a measure refused, and changes that one undid. */
  readonly prevented: readonly ByMeasure[];
  readonly caught: readonly (ByMeasure & { readonly nothingLeft: boolean })[];
  readonly hints: number;
  readonly diagnosis: (Diagnosis & { readonly at: number }) | null;
  readonly checks: readonly { readonly at: number; readonly ok: boolean }[];
  /** Since when users have been well, after the impact; null while they are not. */
  readonly wellSince: number | null;
  readonly endingAt: number | null;
  readonly endReason: EndReason | null;
  /** How often the trainee went on after a repair that did not last. */
  readonly resumes: number;
  readonly durable: boolean | null;
  readonly impact: MeasuredImpact | null;
  /** False: it ended before its impact had settled. */
  readonly impactSettled: boolean;
  readonly wrong: readonly WrongAction[];
  readonly userMinutesLostPer1000: number | null;
  readonly result: Result | null;
  readonly reset: {
    readonly equal: boolean;
    readonly ms: number;
    readonly differences: readonly string[];
  } | null;
  /** Why it was refused or is void. */
  readonly reason: string | null;
  readonly because: StopCause | null;
}

const START: DrillState = {
  drill: "",
  alias: "",
  seed: 0,
  sealed: "",
  timeLimitMs: null,
  context: null,
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
  prevented: [],
  caught: [],
  hints: 0,
  diagnosis: null,
  checks: [],
  wellSince: null,
  endingAt: null,
  endReason: null,
  resumes: 0,
  durable: null,
  impact: null,
  impactSettled: true,
  wrong: [],
  userMinutesLostPer1000: null,
  result: null,
  reset: null,
  reason: null,
  because: null,
};

/** A drill's state is a pure fold over its journal: it survives a crash and can be replayed. */
export const stateOf = (lines: readonly JournalLine[]): DrillState => lines.reduce(fold, START);

/** True when it came to a result, or never will. */
export const isOver = ({ phase }: DrillState): boolean =>
  phase === "done" || phase === "refused" || phase === "void";

/** The state after one more line. */
export function fold(state: DrillState, line: JournalLine): DrillState {
  const at = Date.parse(line.at);
  switch (line.event) {
    case "created": {
      const { drill, alias, seed, sealed, timeLimitMs } = line;
      return { ...state, drill, alias, seed, sealed, timeLimitMs, context: contextOf(line), createdAt: at };
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
      return isDriller(line.by) ? { ...state, acknowledgedAt: state.acknowledgedAt ?? at } : state;
    case "paged":
      if (state.changedAt === null) return { ...state, falsePages: [...state.falsePages, line.alert] };
      return state.pagedAt === null
        ? { ...state, pagedAt: at, page: { alert: line.alert, summary: line.summary } }
        : state;
    case "looked":
      return { ...state, looks: [...state.looks, { at, subject: line.subject }] };
    case "acted":
    case "noticed": {
      const { action, subject, ok, ms, by } = line;
      const own = isOwn(line);
      const acted = { at, begunAt: at - ms, subject, action, ok, own, ...(by === undefined ? {} : { by }) };
      return {
        ...state,
        // The trainee did not look there.
        looks: own ? [...state.looks, { at, subject }] : state.looks,
        acts: [...state.acts, acted],
      };
    }
    case "prevented":
      return line.isAct ? state : { ...state, prevented: [...state.prevented, { at, by: line.by }] };
    case "caught":
      return {
        ...state,
        caught: [...state.caught, { at, by: line.by, nothingLeft: line.nothingLeft ?? false }],
      };
    case "held":
    case "suspected":
      return state;
    case "hinted":
      return { ...state, hints: Math.max(state.hints, line.hint) };
    case "diagnosed":
      return { ...state, diagnosis: { ...line.diagnosis, at } };
    case "checked":
      return { ...state, checks: [...state.checks, { at, ok: line.ok }] };
    case "users":
      return { ...state, wellSince: line.well ? Date.parse(line.since) : null };
    case "ending":
      return { ...state, phase: "ending", endingAt: at, endReason: line.reason };
    case "resumed":
      return { ...state, phase: "open", endingAt: null, endReason: null, resumes: state.resumes + 1 };
    case "restarted":
      return { ...state, durable: line.well };
    case "measured":
      return {
        ...state,
        impact: line.impact,
        impactSettled: line.settled ?? true,
        userMinutesLostPer1000: line.userMinutesLostPer1000,
      };
    case "assessed":
      return { ...state, wrong: line.wrong };
    case "debriefed":
      return { ...state, phase: "done", result: line.result };
    case "reset":
      return { ...state, reset: { equal: line.equal, ms: line.ms, differences: line.differences } };
    case "refused":
    case "void":
      return { ...state, phase: line.event, reason: line.reason, because: line.because ?? null };
    default:
      return unknownTo(state, line);
  }
}

/** True for the trainee's or responder's step. An outside step is one: its `by` is an account's name, and no actor. */
export const isOwn = ({ event, by }: Pick<Step, "by"> & { readonly event: "acted" | "noticed" }): boolean =>
  event === "noticed" || isDriller(by);

/** What a later lab writes of a schema that this one reads: kept and shown, and no part of the state. */
const unknownTo = (state: DrillState, _line: never): DrillState => state;

function contextOf({ user, trainee, world, version, attempt }: Partial<DrillContext>): DrillContext | null {
  return user === undefined ||
    trainee === undefined ||
    world === undefined ||
    version === undefined ||
    attempt === undefined
    ? null
    : { user, trainee, world, version, attempt };
}
