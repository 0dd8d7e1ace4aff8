import { percent } from "../judge/well.ts";
import type { JournalLine, MeasureStep, Step } from "./events.ts";

/** One thing that happened in a drill, in words. */
export interface Moment {
  /** Epoch ms: of an action, when it was begun; of a failure or a recovery, when users first felt it. */
  readonly at: number;
  readonly event:
    | "begin"
    | "steady"
    | "changed"
    | "impact"
    | "alert"
    | "resolved"
    | "page"
    | "reminder"
    | "acknowledged"
    | "look"
    | "action"
    | "outside"
    | "prevented"
    | "held"
    | "caught"
    | "suspected"
    | "hint"
    | "diagnosis"
    | "check"
    | "users"
    | "end"
    | "restarted"
    | "resumed"
    | "result"
    | "reset"
    | "refused"
    | "void"
    | "unknown";
  readonly detail: string;
  readonly by?: string;
  /** What it changed of the balancer's configuration. */
  readonly diff?: string;
}

/** A journal's line in words; undefined where another line covers the same. */
export function momentOf(line: JournalLine): Moment | undefined {
  const at = Date.parse(line.at);
  switch (line.event) {
    case "created":
      return { at, event: "begin", detail: `drill "${line.alias}", seed ${line.seed}` };
    case "steady":
      return { at, event: "steady", detail: `users are well at ${line.requestsPerSecond} requests a second` };
    case "changed":
      return { at, event: "changed", detail: "something is changed" };
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
    case "reminded":
      return { at, event: "reminder", detail: `still ${line.alert}: ${line.summary}` };
    case "informed":
      return undefined;
    case "acknowledged":
      return { at, event: "acknowledged", detail: line.alerts.join(", "), by: line.by };
    case "looked":
      return { at, event: "look", detail: line.subject };
    case "acted":
      return step(line, "action", at);
    case "noticed":
      return step(line, "outside", at);
    case "prevented":
      return { at, event: "prevented", detail: `refused ${changeText(line)}: ${line.message}`, by: line.by };
    case "held":
      return {
        at: at - line.ms,
        event: "held",
        detail: `held ${changeText(line)} for ${Math.round(line.ms / 1000)} s: ${line.message}`,
        by: line.by,
      };
    case "caught":
      return { at, event: "caught", detail: `undid ${line.change}, ${changeText(line)}`, by: line.by };
    case "suspected":
      return { at, event: "suspected", detail: line.message, by: line.by };
    case "hinted":
      return { at, event: "hint", detail: `hint ${line.hint}` };
    case "diagnosed": {
      const { component, mechanism, scope } = line.diagnosis;
      return { at, event: "diagnosis", detail: `${component}, ${mechanism}, ${scope}` };
    }
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
    case "resumed":
      return { at, event: "resumed", detail: "it did not last: the drill goes on" };
    case "measured":
    case "assessed":
      return undefined;
    case "debriefed": {
      const { check, durable } = line.result;
      return { at, event: "result", detail: check === "NO" ? "NO" : durable ? "OK, and it lasts" : "OK" };
    }
    case "reset":
      return {
        at,
        event: "reset",
        detail: line.equal ? "equal to the start" : `NOT equal to the start: ${line.differences.join("; ")}`,
      };
    case "refused":
    case "void":
      return { at, event: line.event, detail: line.reason };
    default:
      return unknown(line, at);
  }
}

/** A change that a measure was about: what, whose, and on what. */
const changeText = ({ kind, author, subjects }: MeasureStep): string =>
  `a change (${kind}) by ${author} on ${subjects.join(", ")}`;

/** Of a later lab: shown as it is. */
const unknown = (line: never, at: number): Moment => {
  const { seq: _seq, at: _at, prev: _prev, ...rest } = line as Readonly<Record<string, unknown>>;
  return { at, event: "unknown", detail: JSON.stringify(rest) };
};

const step = (
  { action, ok, message, ms, by, config, findings }: Step,
  event: "action" | "outside",
  at: number,
): Moment => ({
  at: at - ms,
  event,
  detail: `${action}: ${ok ? "" : "refused: "}${message}${ok && findings ? ` (lint: ${findings.join(", ")})` : ""}`,
  ...(by === undefined ? {} : { by }),
  ...(config?.diff === undefined ? {} : { diff: config.diff }),
});

/** Everything in a journal, in the order in which it happened. */
export const momentsOf = (lines: readonly JournalLine[]): Moment[] =>
  lines.flatMap((line) => momentOf(line) ?? []).sort((a, b) => a.at - b.at);
