import type { JournalLine } from "../../../lab/drill/events.ts";
import { isOwn } from "../../../lab/drill/state.ts";
import type { Debrief } from "../../../lab/trainee/debrief.ts";
import type { Stretch } from "../../../lab/chart/story-chart.ts";
import { DRILL_TIMING } from "../../../scenarios/timing.ts";
import type { UsersPoint } from "../console-state.ts";

/** What a command of the evidence is noted as in a journal; empty: the page shows it all along, or no record notes it. */
export const subjectsOf = (look: string): string[] =>
  look.split(";").flatMap((command) => {
    const [program, word, ...rest] = command.trim().split(/\s+/);
    if (program === "ss") return ["ports"];
    if (program !== "lblab") return [];
    if (word === "ps") return ["units"];
    if (word === "logs" || word === "metrics") return rest.slice(0, 1);
    return word === "status" || word === undefined ? [] : [word];
  });

export interface Seen {
  readonly look: string;
  readonly shows: string;
  readonly how: "seen" | "missed" | "shown";
  /** Epoch ms. */
  readonly at: number | undefined;
}

/** Of each piece of evidence, when all of it had been looked at. */
export function evidenceSeen(
  evidence: Debrief["incident"]["evidence"],
  journal: readonly JournalLine[],
): Seen[] {
  return evidence.map(({ look, shows }) => {
    const subjects = subjectsOf(look);
    if (subjects.length === 0) return { look, shows, how: "shown", at: undefined };
    const times = subjects.map((subject) =>
      journal.find((line) => line.event === "looked" && line.subject === subject),
    );
    if (times.includes(undefined)) return { look, shows, how: "missed", at: undefined };
    const at = Math.max(...times.map((line) => Date.parse(line?.at ?? "")));
    return { look, shows, how: "seen", at };
  });
}

/** User-minutes per 1,000 users between two moments (epoch ms), by the points of the users' figures. */
export function userMinutesLost(points: readonly UsersPoint[], from = -Infinity, to = Infinity): number {
  let lost = 0;
  points.forEach(({ at, affectedRatio }, i) => {
    const next = Math.min(points[i + 1]?.at ?? at, to);
    // Who was away has no points, and none are made up.
    if (at >= from && next > at) lost += affectedRatio * Math.min(next - at, 5000);
  });
  return (lost * 1000) / 60_000;
}

interface Step {
  readonly at: number;
  readonly subject: string;
  readonly text: string;
  readonly tone: Stretch["tone"];
}

/** Looks, acts, checks and words of whoever drilled, in order. */
export function stepsOf(journal: readonly JournalLine[], wrong: ReadonlySet<string> = new Set()): Step[] {
  return journal.flatMap((line): Step[] => {
    const at = Date.parse(line.at);
    switch (line.event) {
      case "looked":
        return [{ at, subject: line.subject, text: line.subject, tone: "look" }];
      case "acted":
      case "noticed":
        if (!isOwn(line)) return [];
        return [
          {
            at: at - line.ms,
            subject: line.subject,
            text: line.ok ? line.action : `${line.action} (failed)`,
            tone: wrong.has(line.action) ? "wrong" : "act",
          },
        ];
      case "checked":
        return [{ at, subject: "", text: line.ok ? "check: OK" : "check: NO", tone: "check" }];
      case "hinted":
        return [{ at, subject: "", text: `hint ${line.hint}`, tone: "rest" }];
      case "diagnosed":
        return [{ at, subject: "", text: `said: ${line.diagnosis.mechanism}`, tone: "rest" }];
      default:
        return [];
    }
  });
}

/** Each step lasts until the next one; looks that follow one another are one stretch. */
export function stretchesOf(steps: readonly Step[], end: number): Stretch[] {
  const stretches: Stretch[] = [];
  steps.forEach(({ at, text, tone }, i) => {
    const to = Math.max(at, Math.min(end, steps[i + 1]?.at ?? end));
    const last = stretches.at(-1);
    if (last && last.tone === tone && tone === "look") {
      const known = last.text.split(", ");
      const joined = known.includes(text) ? last.text : `${last.text}, ${text}`;
      stretches[stretches.length - 1] = { ...last, to, text: joined };
    } else stretches.push({ from: at, to, text, tone });
  });
  return stretches;
}

/** A glance refutes a false lead, as the result counts it. */
const GLANCE_MS = 20_000;

export interface Astray {
  readonly looksLike: string;
  readonly refutedBy: string;
  /** 0: it was not followed. */
  readonly minutes: number;
  readonly userMinutes: number;
}

/** What each false lead took, and what users lost meanwhile. */
export function ledAstray(
  falseLeads: Debrief["incident"]["falseLeads"],
  journal: readonly JournalLine[],
  points: readonly UsersPoint[],
  end: number,
): Astray[] {
  const steps = stepsOf(journal).filter(({ subject }) => subject !== "");
  return falseLeads.map(({ looksLike, refutedBy, subjects }) => {
    let [ms, userMinutes] = [0, 0];
    steps.forEach(({ at, subject, tone }, i) => {
      if (!subjects.includes(subject)) return;
      const from = at + (tone === "look" ? GLANCE_MS : 0);
      const to = Math.min(end, steps[i + 1]?.at ?? end);
      if (to <= from) return;
      ms += to - from;
      userMinutes += userMinutesLost(points, from, to);
    });
    return { looksLike, refutedBy, minutes: Math.round(ms / 6000) / 10, userMinutes };
  });
}

/** The report's steps on the drill's axis, where one of its minutes is a second. */
export function reportStretches(
  { timeline, minutes }: Pick<Debrief["incident"]["report"], "timeline" | "minutes">,
  begin: number,
): Stretch[] {
  const { reportMinuteMs } = DRILL_TIMING;
  const last = minutes.restore ?? minutes.mitigate ?? timeline.at(-1)?.minute ?? 0;
  return timeline.map(({ minute, event }, i) => ({
    from: begin + minute * reportMinuteMs,
    to: begin + Math.max(minute + 1, timeline[i + 1]?.minute ?? last) * reportMinuteMs,
    text: event,
    tone: i === timeline.length - 1 ? "act" : "look",
  }));
}
