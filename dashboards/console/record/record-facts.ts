import type { TrafficSeries } from "../../../lab/chart/series.ts";
import type { Stretch } from "../../../lab/chart/story-chart.ts";
import type { JournalLine } from "../../../lab/drill/events.ts";
import { stateOf } from "../../../lab/drill/state.ts";
import { alertSpans } from "../../../lab/simulate/alert-spans.ts";
import { clockTime } from "../parts/figures.ts";
import { stepsOf, stretchesOf } from "../regions/debrief-facts.ts";
import { phaseText } from "../regions/drill-figures.ts";

/** From the first line to the last one; epoch ms. */
export interface RecordSpan {
  readonly from: number;
  readonly to: number;
}

export const spanOf = (lines: readonly JournalLine[]): RecordSpan => ({
  from: Date.parse(lines[0]?.at ?? ""),
  to: Date.parse(lines.at(-1)?.at ?? ""),
});

/** What had happened by then. */
export const until = (lines: readonly JournalLine[], at: number): readonly JournalLine[] =>
  lines.filter((line) => Date.parse(line.at) <= at);

/** Where a drill stood by the lines so far, in words. */
export function factsAt(lines: readonly JournalLine[], at: number): readonly (readonly [string, string])[] {
  const { phase, pagedAt, diagnosis, impactAt, wellSince } = stateOf(lines);
  const firing = alertSpans(lines).filter(({ resolvedAt }) => resolvedAt === null);
  const check = lines.findLast((line) => line.event === "checked");
  const secondsSincePage = pagedAt === null ? undefined : (at - pagedAt) / 1000;
  return [
    ["phase", phaseText({ phase, secondsSincePage })],
    [
      "users",
      impactAt === null
        ? "well, as far as was noted"
        : wellSince === null
          ? `hurt since ${clockTime(impactAt)}`
          : `well since ${clockTime(wellSince)}`,
    ],
    ["alerts", firing.map(({ name }) => name).join(", ") || "none fires"],
    [
      "said",
      diagnosis === null
        ? "no diagnosis yet"
        : `${diagnosis.component} · ${diagnosis.mechanism} · ${diagnosis.scope}`,
    ],
    [
      "last check",
      check?.event === "checked" ? (check.ok ? "OK" : `NO: ${check.felt.join("; ")}`) : "none yet",
    ],
  ];
}

/** Who did what up to then, a lane each; a lane without anything in the whole record is none. */
export function lanesOf(
  lines: readonly JournalLine[],
  at: number,
): readonly { readonly name: string; readonly stretches: readonly Stretch[] }[] {
  const soFar = until(lines, at);
  const lanes = [
    { name: "who drilled", of: (some: readonly JournalLine[]) => stretchesOf(stepsOf(some), at) },
    { name: "pages", of: (some: readonly JournalLine[]) => pagesOf(some, at) },
    { name: "measures", of: (some: readonly JournalLine[]) => measuresOf(some, at) },
  ];
  return lanes
    .filter(({ of }) => of(lines).length > 0)
    .map(({ name, of }) => ({ name, stretches: of(soFar) }));
}

/** While anything pages; what follows one another or overlaps is one stretch. */
function pagesOf(lines: readonly JournalLine[], at: number): readonly Stretch[] {
  const stretches: Stretch[] = [];
  for (const { name, severity, firedAt, resolvedAt } of alertSpans(lines)) {
    if (severity !== "page") continue;
    const last = stretches.at(-1);
    const to = resolvedAt ?? at;
    if (last && last.to >= firedAt) {
      const text = last.text.split(", ").includes(name) ? last.text : `${last.text}, ${name}`;
      stretches[stretches.length - 1] = { ...last, to: Math.max(last.to, to), text };
    } else stretches.push({ from: firedAt, to, text: name, tone: "wrong" });
  }
  return stretches;
}

function measuresOf(lines: readonly JournalLine[], at: number): readonly Stretch[] {
  const steps = lines.flatMap((line): Omit<Stretch, "to">[] => {
    const from = Date.parse(line.at);
    switch (line.event) {
      case "prevented":
        return [{ from, text: `${line.by} refused a change`, tone: "act" }];
      case "caught":
        return [{ from, text: `${line.by} undid ${line.change}`, tone: "act" }];
      case "held":
        return [{ from: from - line.ms, text: `${line.by} held a change`, tone: "rest" }];
      case "suspected":
        return [{ from, text: line.message, tone: "look" }];
      default:
        return [];
    }
  });
  return steps
    .toSorted((a, b) => a.from - b.from)
    .map((step, i, all) => ({ ...step, to: Math.min(at, all[i + 1]?.from ?? at) }));
}

const WINDOW = 10;

/** The share of users' requests that failed, epoch ms and 0..1, over the last ten buckets (of a second each). */
export function failedOf({
  fromMs,
  bucketMs,
  routes,
}: TrafficSeries): readonly (readonly [number, number])[] {
  const all = Object.values(routes);
  const buckets = Math.max(0, ...all.map(({ sent }) => sent.length));
  const sum = (counts: readonly number[], to: number): number =>
    counts.slice(Math.max(0, to - WINDOW + 1), to + 1).reduce((total, count) => total + count, 0);
  return Array.from({ length: buckets }, (_, i) => i).flatMap((i) => {
    const sent = all.reduce((total, route) => total + sum(route.sent, i), 0);
    const failed = all.reduce((total, route) => total + sum(route.failed, i), 0);
    return sent === 0 ? [] : [[fromMs + (i + 1) * bucketMs, failed / sent] as const];
  });
}
