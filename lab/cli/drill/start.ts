import { confirm } from "@clack/prompts";
import { systemClock } from "../../../runtime/clock.ts";
import { EXIT } from "../../../runtime/errors.ts";
import { seeded } from "../../../runtime/random.ts";
import { SCENARIOS } from "../../../scenarios/index.ts";
import type { LoadedScenario } from "../../contract/load-scenario.ts";
import type { Lab } from "../../control/lab.ts";
import type { DrillRun } from "../../control/prepare-drill.ts";
import type { DrillContext, JournalLine } from "../../drill/events.ts";
import type { DrillRecord } from "../../drill/record.ts";
import type { Result } from "../../drill/result.ts";
import type { DrillTerms } from "../../trainee/drill-terms.ts";
import { estimatedSavings, type Saving } from "../../matrix/savings.ts";
import type { Choice as MeasureChoice } from "../../measures/choice.ts";
import type { Scenario } from "../../../scenarios/scenario.ts";
import { answerThePage } from "../../responders/on-call.ts";
import { standIn } from "../../responders/stand-in.ts";
import { debriefText } from "../records/debrief.ts";
import { eventText } from "./event-text.ts";
import { incidentGiven, ownIncident } from "./incident.ts";
import { createLiveView, type LiveView } from "./live-view.ts";
import { paint, widthOf, type Output } from "../output.ts";
import { reflowed, wrapped } from "../prose.ts";
import { resultsTable } from "./results-table.ts";
import { scenarioText } from "./scenario-texts.ts";
import { unfinishedText } from "./unfinished-text.ts";

/** Longer than measures hold an incident's pushes in a drill. */
const HELD_MS = 1_800_000;

export interface DrillOptions {
  /** The responder stands in for a trainee. */
  readonly auto: boolean;
  readonly fault: boolean;
  readonly seed: number;
  readonly timeLimitMs: number | null;
  /** Who drills, by which lab. */
  readonly context: Pick<DrillContext, "user" | "trainee" | "version">;
  /** The line that repeats it, for an incident by this name. */
  readonly again: (incident: string) => string;
  /** Whether a repair that did not last is followed by another one: asked at a terminal, or always. */
  readonly goOn: "ask" | "always" | "never";
  /** Corrective measures. */
  readonly choice: MeasureChoice;
  /** The instructor's briefing, and the bar. */
  readonly terms?: Pick<DrillTerms, "briefing" | "pass">;
  /** Called each time when the drill may have ended. */
  readonly onRecord?: (record: DrillRecord) => void;
}

export interface StartOptions extends DrillOptions {
  readonly incidents: readonly LoadedScenario[];
  readonly all: boolean;
}

export interface StartDeps {
  readonly lab: Lab;
  readonly output: Output;
  readonly signal: AbortSignal;
}

/** `lblab start`: one drill or all of them. Resolves with the exit code. */
export async function start(options: StartOptions, deps: StartDeps): Promise<number> {
  const { output } = deps;
  const results: (Result & { readonly wouldHaveSaved: readonly Saving[] })[] = [];
  for (const incident of options.incidents) {
    const { result } = await drillOnce(incident, options, deps);
    results.push({ ...result, wouldHaveSaved: savingsIn(incident.scenario, result, options.choice) });
  }
  if (output.json) output.printJson({ schemaVersion: 1, incidents: results });
  else if (options.all) output.print(resultsTable(results));
  const good = options.fault
    ? (result: Result): boolean =>
        result.outcome !== undefined ||
        (result.check === "OK" &&
          result.durable &&
          (!options.auto || (result.inBand && result.diagnosis?.correct === true)))
    : (): boolean => true;
  if (results.some(({ resetEqual }) => resetEqual === false)) return EXIT.drillVoid;
  return results.every(good) ? EXIT.ok : EXIT.notSolved;
}

export interface Choice {
  readonly all: boolean;
  readonly seed: number;
  /** Aliases of what was solved already: a blind start prefers the others. */
  readonly solved: ReadonlySet<string>;
}

/** All of the lab's own, the one that is given by name or path, or a blind one. */
export async function chosen(
  given: string | undefined,
  { all, seed, solved }: Choice,
  root: string,
): Promise<readonly LoadedScenario[]> {
  if (!all && given !== undefined) return [await incidentGiven(given, root)];
  const unsolved = SCENARIOS.filter(({ alias }) => !solved.has(alias));
  const left = unsolved.length === 0 ? SCENARIOS : unsolved;
  const blind = left[seeded(seed).fork("blind").below(left.length)];
  const scenarios = all ? SCENARIOS : blind ? [blind] : [];
  return scenarios.map((scenario) => ownIncident(scenario, root));
}

/** A drill that came to its result. */
export interface Ended {
  readonly result: Result;
  readonly record: DrillRecord;
}

/** One drill with its view and its debrief. Of one that came to no result, what was recorded is printed, too. */
export async function drillOnce(
  incident: LoadedScenario,
  options: DrillOptions,
  { lab, output, signal }: StartDeps,
): Promise<Ended> {
  const { scenario, source } = incident;
  const brief = scenarioText(incident, "brief.md");
  noteBrief(scenario.alias, brief, output);
  const finished = new AbortController();
  const both = AbortSignal.any([signal, finished.signal]);
  const view = createLiveView(lab, output, options.auto);
  let reported = false;
  /** At once: a second Ctrl-C does not wait for the processes to end. */
  const printUnfinished = (why?: unknown): void => {
    if (reported) return;
    reported = true;
    view.end();
    const name = source === scenario.id ? scenario.alias : source;
    output.note(`\n${unfinishedText(run.record(), options.again(name), why)}\n`);
  };
  const run = lab.drill(
    {
      scenario,
      seed: options.seed,
      timeLimitMs: options.timeLimitMs,
      fault: options.fault,
      context: options.context,
      actor: options.auto ? "responder:ideal" : "trainee",
      source: source === scenario.id ? undefined : source,
      goesOn: goesOn(options, view),
      choice: options.choice,
      terms: { brief, answer: scenarioText(incident, "answer.md"), ...options.terms },
      onEvent: (line, state) => {
        const text = eventText(line, state, { auto: options.auto, listener: lab.listener });
        if (text !== undefined) view.say(text);
        if (line.event === "paged" || line.event === "reminded") view.ring();
        if (!MAY_HAVE_ENDED.has(line.event)) return;
        options.onRecord?.(run.record());
        printUnfinished();
      },
    },
    signal,
  );
  options.onRecord?.(run.record());
  view.begin();
  try {
    if (options.auto)
      void standIn(
        { responder: answerThePage, scenario, pace: "drill", fault: options.fault, heldUpToMs: HELD_MS },
        {
          clock: systemClock,
          drill: run.drill,
          trainee: lab.client,
          say: (line) => view.say(`  on call: ${line}`),
          signal: both,
        },
      );
    const ended = { result: await run.result, record: run.record() };
    view.end();
    if (!output.json) printDebrief(incident, { ...ended, run, choice: options.choice }, output);
    return ended;
  } catch (error) {
    printUnfinished(error);
    throw error;
  } finally {
    view.end();
    finished.abort(new Error("the drill is over"));
  }
}

function noteBrief(alias: string, brief: string, output: Output): void {
  output.note(paint("bold", `\nDrill "${alias}"`));
  output.note(reflowed(brief, widthOf(process.stderr)));
  output.note("\nbringing the lab up ...");
}

function printDebrief(
  incident: LoadedScenario,
  {
    result,
    record: { timeline },
    run,
    choice,
  }: Ended & { readonly run: DrillRun; readonly choice: MeasureChoice },
  output: Output,
): void {
  const { state } = run.drill;
  const savings = savingsIn(incident.scenario, result, choice);
  output.print(wrapped(`\n${debriefText(incident, { result, state, timeline, savings })}\n`, output.width));
  output.print(`Journal: ${run.journal}\nAgain at any time: npx lblab debrief ${state.drill}\n`);
}

/** What the report's measures would have saved of a run's loss. */
const savingsIn = (scenario: Scenario, { measured }: Result, choice: MeasureChoice): readonly Saving[] =>
  estimatedSavings(scenario, measured.projectedUserMinutesLostPer1000, new Set(Object.keys(choice.with)));

const MAY_HAVE_ENDED: ReadonlySet<JournalLine["event"]> = new Set<JournalLine["event"]>(["refused", "void"]);

function goesOn(
  { goOn }: DrillOptions,
  view: LiveView,
): ((signal: AbortSignal) => Promise<boolean>) | undefined {
  if (goOn === "never") return undefined;
  if (goOn === "always") return async () => true;
  return async (signal) => {
    view.end();
    // Ctrl-C at the question is a no: the drill ends, with its debrief.
    const answer = await confirm({ message: "It did not last. Go on and repair it for good?", signal });
    view.begin();
    return answer === true;
  };
}
