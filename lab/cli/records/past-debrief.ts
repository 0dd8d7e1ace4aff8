import { CodedError } from "../../../runtime/errors.ts";
import type { Scenario } from "../../../scenarios/scenario.ts";
import { unseal } from "../../drill/seal.ts";
import type { PastDrill } from "../../drill/past-drills.ts";
import { integrityWords, type FoundJournal } from "../../drill/journal-text.ts";
import { recordOf } from "../../drill/record.ts";
import { resultOf } from "../../drill/result-of.ts";
import type { Result } from "../../drill/result.ts";
import { estimatedSavings, measuresIn } from "../../matrix/savings.ts";
import { readSeries } from "../../control/series-file.ts";
import { stateOf, type DrillState } from "../../drill/state.ts";
import type { LoadedScenario } from "../../contract/load-scenario.ts";
import { drawPastDrill } from "../../simulate/drill-chart.ts";
import { againLine } from "../drill/again.ts";
import type { Context } from "../context.ts";
import { debriefText } from "./debrief.ts";
import { incidentGiven } from "../drill/incident.ts";
import { postmortemText } from "./postmortem.ts";
import { wrapped } from "../prose.ts";
import { writeGiven } from "../write-file.ts";
import { drillGiven } from "./records.ts";
import { unfinishedText } from "../drill/unfinished-text.ts";

export interface DebriefFlags {
  readonly markdown?: boolean;
  /** Also of a drill that came to no result: what it was. */
  readonly answer?: boolean;
  /** Where a chart of it is written, too. */
  readonly chart?: string;
}

/** Prints a past drill's debrief, answers included: the caller makes sure first that no drill runs. */
export async function showDebrief(
  given: string | undefined,
  { markdown = false, answer = false, chart }: DebriefFlags,
  { output, settings, root }: Context,
): Promise<void> {
  const past = drillGiven(given, settings.home);
  const { found, path } = past;
  const state = stateOf(found.lines);
  const record = recordOf(found.lines, { path, head: found.head });
  const incident = state.result !== null || answer ? await incidentOf(past, root) : undefined;
  const { scenario } = incident ?? {};
  const result = state.result && scenario ? completed(state.result, state, scenario) : state.result;
  const savings =
    result && scenario
      ? estimatedSavings(scenario, result.measured.projectedUserMinutesLostPer1000, measuresIn(found.lines))
      : [];
  if (chart !== undefined) {
    writeChart(chart, past, state);
    output.note(`the chart is in ${chart}`);
  }
  if (output.json)
    return output.printJson({
      ...record,
      ...(scenario ? { scenario: { id: scenario.id, title: scenario.title } } : {}),
      result,
      ...(savings.length === 0 ? {} : { wouldHaveSaved: savings }),
      integrity: integrityOf(past.found),
    });
  if (markdown) return output.print(postmortemText(record, { result, state, incident, savings }));
  if (result !== null && incident)
    output.print(
      wrapped(debriefText(incident, { result, state, timeline: record.timeline, savings }), output.width),
    );
  else {
    const again = againLine(["start", nameOf(past), "--seed", String(state.seed)], settings);
    output.print(unfinishedText(record, again));
    if (scenario) output.print(`\nIt was: ${scenario.title}.`);
  }
  output.print(`\n${integrityText(past)}`);
}

/** Throws CodedError NOT_FOUND when the drill left nothing to draw, USAGE when the file cannot be written. */
function writeChart(file: string, { found, path, id }: PastDrill, state: DrillState): void {
  const series = readSeries(path);
  if (!series)
    throw new CodedError("NOT_FOUND", `nothing was recorded of drill ${id} that a chart could show`, {
      hint: "drills that came to their debrief have a chart, from this release on",
    });
  const title = `${state.alias}, ${new Date(state.createdAt).toISOString().slice(0, 16).replace("T", " ")} UTC`;
  writeGiven(file, drawPastDrill(title, { journal: found.lines, state, series }));
}

/** Adds figures that the lab that wrote it did not have yet. */
function completed(written: Result, state: DrillState, scenario: Scenario): Result {
  const reported = resultOf(state, scenario);
  return { ...reported, ...written, measured: { ...reported.measured, ...written.measured } };
}

/** The drill's scenario; undefined when one of somebody's own is no longer where it was. */
async function incidentOf({ id, found }: PastDrill, root: string): Promise<LoadedScenario | undefined> {
  const [first] = found.lines;
  if (first?.event !== "created") return undefined;
  const { sealed, sealedSource } = first;
  try {
    return await incidentGiven(unseal(id, sealedSource ?? sealed), root);
  } catch {
    // Removed, moved or altered meanwhile: the record is shown without it.
    return undefined;
  }
}

/** What `start` calls it: the alias, or the path of somebody's own. */
function nameOf({ id, found }: PastDrill): string {
  const [first] = found.lines;
  if (first?.event !== "created") return "";
  return first.sealedSource === undefined ? first.alias : unseal(id, first.sealedSource);
}

/** Whether the journal is as it was written. */
export interface Integrity {
  readonly whole: boolean;
  readonly lines: number;
  readonly damage: { readonly line: number; readonly reason: string } | null;
  /** Its last line was cut off by the end of its lab. */
  readonly torn: boolean;
  /** False: the journal is of a lab that did not chain its lines. */
  readonly chained: boolean;
}

export function integrityOf({ lines, damage, torn, chained }: FoundJournal): Integrity {
  return { whole: damage === undefined && !torn, lines: lines.length, damage: damage ?? null, torn, chained };
}

export const integrityText = ({ path, found }: Pick<PastDrill, "path" | "found">): string =>
  `Journal: ${path} (${found.lines.length} lines; ${integrityWords(found)})`;
