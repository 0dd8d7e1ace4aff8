import type { Scenario } from "../../scenarios/scenario.ts";
import type { JournalLine } from "../drill/events.ts";
import { MEASURES } from "../measures/index.ts";
import type { MeasureKind } from "../measures/kind.ts";
import { parseActor } from "../trainee/actor.ts";
import { SAVED_SHARES } from "./saved-shares.ts";

/** What one of the measures that a report asks for would have saved of a run's loss. */
export interface Saving {
  readonly measure: string;
  /** What it does, in a sentence. */
  readonly does: string;
  /** Per 1,000 users; below 0 where it makes it worse. */
  readonly userMinutesPer1000: number;
  /** Of the run's loss. */
  readonly ratio: number;
  /** `estimate`: the share that it saves of the report's own run. `simulated`: the same run with it. `on`: it was on. */
  readonly basis: "estimate" | "simulated" | "on";
}

/** The mechanisms among the measures that a scenario's report asks for. */
export const askedForBy = ({ report }: Pick<Scenario, "report">): readonly MeasureKind[] =>
  MEASURES.filter(({ askedFor }) => askedFor.includes(report.number));

/** For a run that cannot be had again, by `lost` user-minutes per 1,000 users and the names of measures that were on. */
export const estimatedSavings = (
  scenario: Pick<Scenario, "id" | "report">,
  lost: number,
  on: ReadonlySet<string>,
): readonly Saving[] =>
  askedForBy(scenario).flatMap((kind): Saving[] => {
    if (kind.addsNothing || on.has(kind.name)) return [savingOf(kind, lost, 0, "on")];
    const share = SAVED_SHARES[scenario.id]?.[kind.name];
    return share === undefined ? [] : [savingOf(kind, lost, share * lost, "estimate")];
  });

/** Names of the measures that a drill's record knows of. */
export const measuresIn = (lines: readonly JournalLine[]): ReadonlySet<string> =>
  new Set(
    lines.flatMap((line) => {
      const actor = "by" in line && line.by !== undefined ? parseActor(line.by) : undefined;
      return actor?.kind === "measure" ? [actor.name] : [];
    }),
  );

/** A saving in words. */
export function savingText({ measure, does, userMinutesPer1000, ratio, basis }: Saving): string {
  const saved = Math.round(userMinutesPer1000).toLocaleString("en");
  const share = `${Math.round(100 * ratio)} %`;
  switch (basis) {
    case "on":
      return `${measure}: it was on (${does})`;
    case "simulated":
      return `${measure}: ${saved} user-minutes (${share}): ${does}`;
    case "estimate":
      return `${measure}: about ${saved} user-minutes (${share}): ${does}`;
  }
}

export const savingOf = (
  { name, does }: MeasureKind,
  lost: number,
  saved: number,
  basis: Saving["basis"],
): Saving => ({
  measure: name,
  does,
  userMinutesPer1000: Math.round(saved * 10) / 10 + 0,
  ratio: lost === 0 ? 0 : Math.round((saved / lost) * 10_000) / 10_000 + 0,
  basis,
});
