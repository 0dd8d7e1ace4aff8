import { findScenario } from "../../../scenarios/index.ts";
import type { MatrixCell, MatrixIncident } from "../../matrix/matrix.ts";
import { paint } from "../output.ts";
import { table } from "../tables.ts";
import type { MeasuresReport } from "./measures.ts";

/** The matrix for people: an incident a table, a row for each choice of measures. */
export function matrixText(
  { pace, seeds, responder, incidents, beside, quietDay, checks }: MeasuresReport,
  width: number,
): string {
  const head = `pace ${pace}, ${seeds.length === 1 ? `seed ${seeds[0]}` : `${seeds.length} seeds`}`;
  return [
    paint("bold", `What would have helped: ${head}, the page answered by ${responder}`),
    ...incidents.map((incident) => incidentText(incident, width)),
    ...(quietDay.length > 0 ? [quietText(quietDay, width)] : []),
    ...(checks.length > 0 ? [checksText(checks, width)] : []),
    ...(beside
      ? [
          paint("bold", `The same with ${beside.responder} on call`),
          ...beside.incidents.map((incident) => incidentText(incident, width)),
        ]
      : []),
  ].join("\n\n");
}

function incidentText({ scenario, baseline, cells }: MatrixIncident, width: number): string {
  const title = findScenario(scenario)?.title ?? scenario;
  return [
    `${title} (${scenario}): ${baseline.userMinutesLostPer1000} user-minutes lost per 1,000 users without any measure`,
    table(
      ["measures", "outcome", "minute", "lost", "saved", { head: "why", wrap: true }],
      cells.map((cell) => [
        rowName(cell, cells),
        cell.outcome,
        cell.atMinute ?? undefined,
        cell.userMinutesLostPer1000,
        savedText(cell),
        cell.because,
      ]),
      width,
    ),
  ].join("\n");
}

function quietText(days: MeasuresReport["quietDay"], width: number): string {
  const all = Math.max(...days.map(({ measures }) => measures.length));
  return [
    paint("bold", `A quiet day, ${days[0]?.pushes ?? 0} good pushes: what each costs`),
    table(
      ["measures", "blocked", "false rollbacks", "interval", "minutes a push", "more to read"],
      days.map(({ measures, blockedGood, falseRollbacks, interval, delayMinutesPerPush, extraPages }) => [
        all > 1 && measures.length === all ? "all together" : measures.join(", "),
        blockedGood,
        falseRollbacks,
        interval.map((ratio) => `${(ratio * 100).toFixed(1)} %`).join(" to "),
        delayMinutesPerPush,
        extraPages,
      ]),
      width,
    ),
  ].join("\n");
}

const checksText = (checks: MeasuresReport["checks"], width: number): string =>
  [
    paint("bold", "Beside published figures"),
    table(
      ["", "check", "published", "measured", { head: "why", wrap: true }],
      checks.map(({ ok, name, published, measured, because }) => [
        ok ? "ok" : "NO",
        name,
        published,
        measured,
        because,
      ]),
      width,
    ),
  ].join("\n");

function savedText({ savedRatio, interval: [low, high], zeroByConstruction }: MatrixCell): string {
  const percent = (ratio: number): string => (ratio * 100).toFixed(1);
  const range = low === high ? "" : ` (${percent(low)} to ${percent(high)})`;
  return `${percent(savedRatio)} %${range}${zeroByConstruction ? " *" : ""}`;
}

/** A row's measures, in few words where they are all or all but one. */
export function rowName({ measures, kind }: MatrixCell, all: readonly MatrixCell[]): string {
  if (kind === "together") return "all together";
  if (kind === "removed") return measures.map((name) => `without ${name.slice(1)}`).join(", ");
  if (kind !== "all-but-one") return measures.join(", ");
  const whole = all.find((cell) => cell.kind === "together")?.measures ?? [];
  return `all but ${whole.filter((name) => !measures.includes(name)).join(", ")}`;
}
