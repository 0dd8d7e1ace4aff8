import type { JournalLine } from "../../../lab/drill/events.ts";
import type { Checked } from "../../../lab/drill/trainee-side.ts";
import type { DrillView, StatusView } from "../../../lab/trainee/views.ts";
import { percent } from "../parts/figures.ts";
import { stepsOf } from "./debrief-facts.ts";

/** 01:42 */
export const clock = (seconds: number): string => {
  const whole = Math.max(0, Math.floor(seconds));
  return `${String(Math.floor(whole / 60)).padStart(2, "0")}:${String(whole % 60).padStart(2, "0")}`;
};

/** 2 m 14 s */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} m ${whole % 60} s`;
}

/** Where the drill is, in a sentence; `null` where a lab is up without one, undefined while nothing is known. */
export function phaseText(drill: Pick<DrillView, "phase" | "secondsSincePage"> | null | undefined): string {
  if (drill === null) return "This lab is up without a drill.";
  switch (drill?.phase) {
    case undefined:
    case "briefing":
      return "The lab is coming up.";
    case "ending":
      return "All units restart once: does the repair last?";
    case "done":
      return "The drill is over.";
    case "refused":
    case "void":
      return "The drill was given up: the lab did not come to the state that it needs.";
    default:
      return drill?.secondsSincePage === undefined
        ? "You are on call. Nothing has rung yet."
        : `Paged ${clock(drill.secondsSincePage)} ago.`;
  }
}

/** The head of the page while it lasts; undefined when there is nothing that hurts or rings. */
export function chipText(status: Pick<StatusView, "drill" | "users"> | undefined): string | undefined {
  const since = status?.drill?.secondsSincePage;
  const { phase } = status?.drill ?? {};
  if (status === undefined || since === undefined || phase === "done") return undefined;
  return `paged ${clock(since)} ago · ${percent(status.users.failedRatio)} of requests fail`;
}

/** What a check came to: what users feel, and which way it goes. */
export function checkText({ ok, felt, trend }: Pick<Checked, "ok" | "felt" | "trend">): string {
  const said = ok ? "OK: users are well" : `NO: ${felt.join("; ")}`;
  if (trend === undefined) return said;
  const { direction, before, now, seconds } = trend;
  return `${said}. ${TREND[direction]}: ${percent(before)} of requests failed before the last action, ${percent(now)} do ${seconds} s after it`;
}

const TREND = { falling: "It gets better", rising: "It gets worse", level: "It stays as it is" } as const;

/** What whoever drills did so far, the newest first. */
export const actsSoFar = (
  journal: readonly JournalLine[],
): { readonly at: number; readonly text: string; readonly ok: boolean }[] =>
  stepsOf(journal)
    .filter(({ tone }) => tone !== "look")
    .map(({ at, text }) => ({ at, text, ok: !text.endsWith("(failed)") }))
    .reverse();

/** True after a check that found users well and no act since. */
export function lastCheckWasOk(journal: readonly JournalLine[]): boolean {
  const last = journal.findLast(({ event }) => event === "checked" || event === "acted");
  return last?.event === "checked" && last.ok;
}
