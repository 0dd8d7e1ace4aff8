import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createLogUpdate } from "log-update";
import { every, sleep, systemClock } from "../../runtime/clock.ts";
import { CodedError, EXIT } from "../../runtime/errors.ts";
import { seeded } from "../../runtime/random.ts";
import { findScenario, SCENARIOS } from "../../scenarios/index.ts";
import type { Scenario } from "../../scenarios/scenario.ts";
import type { Lab } from "../control/lab.ts";
import type { JournalLine } from "../drill/events.ts";
import type { Result } from "../drill/result.ts";
import type { DrillState } from "../drill/state.ts";
import { percent } from "../judge/well.ts";
import { answerThePage } from "../responders/on-call.ts";
import { debriefText } from "./debrief.ts";
import type { Output } from "./output.ts";
import { paint } from "./output.ts";
import { lineText, liveText } from "./status-text.ts";
import { table } from "./tables.ts";

export interface DrillOptions {
  /** The responder stands in for a trainee. */
  readonly auto: boolean;
  readonly fault: boolean;
  readonly seed: number;
  readonly timeLimitMs: number | null;
}

export interface StartOptions extends DrillOptions {
  readonly alias: string | undefined;
  readonly all: boolean;
}

export interface StartDeps {
  readonly lab: Lab;
  readonly output: Output;
  readonly signal: AbortSignal;
  /** The project's root, where the scenarios' texts are. */
  readonly root: string;
}

/** `lblab start`: one drill or all of them. Resolves with the exit code. */
export async function start(options: StartOptions, deps: StartDeps): Promise<number> {
  const { output } = deps;
  const scenarios = chosen(options);
  const results: Result[] = [];
  for (const scenario of scenarios) {
    const result = await drillOnce(scenario, options, deps);
    results.push(result);
  }
  if (output.json) output.printJson({ schemaVersion: 1, incidents: results });
  else if (options.all) output.print(resultsTable(results));
  const good = options.fault
    ? (result: Result): boolean =>
        result.check === "OK" &&
        result.durable &&
        (!options.auto || (result.inBand && result.diagnosis?.correct === true))
    : (): boolean => true;
  return results.every(good) ? EXIT.ok : EXIT.notSolved;
}

export function chosen({ alias, all, seed }: StartOptions): readonly Scenario[] {
  if (all) return SCENARIOS;
  if (alias === undefined) {
    const blind = SCENARIOS[seeded(seed).fork("blind").below(SCENARIOS.length)];
    return blind ? [blind] : [];
  }
  const found = findScenario(alias);
  if (!found)
    throw new CodedError("USAGE", `there is no incident "${alias}"`, {
      hint: `there is ${SCENARIOS.map((scenario) => scenario.alias).join(", ")}`,
    });
  return [found];
}

/** One drill with everything that is shown beside it. */
export async function drillOnce(
  scenario: Scenario,
  options: DrillOptions,
  { lab, output, signal, root }: StartDeps,
): Promise<Result> {
  const brief = readFileSync(join(root, "scenarios", scenario.id, "brief.md"), "utf8").trim();
  output.note(paint("bold", `\nDrill "${scenario.alias}"`));
  output.note(brief);
  output.note("\nbringing the lab up ...");
  const finished = new AbortController();
  const both = AbortSignal.any([signal, finished.signal]);
  const view = createView(lab, output, options.auto);
  const { drill, result, journal } = lab.drill(
    {
      scenario,
      seed: options.seed,
      timeLimitMs: options.timeLimitMs,
      fault: options.fault,
      onEvent: (line, state) => {
        const text = eventText(line, state, { auto: options.auto, listener: lab.listener });
        if (text !== undefined) view.say(text);
      },
    },
    signal,
  );
  view.begin();
  try {
    if (options.auto)
      void runResponder({ lab, say: view.say, signal: both, fault: options.fault }, () =>
        drill.end("solved"),
      ).catch((error: unknown) => {
        // The drill's own end tells what there is to tell; a responder that fails has not solved it.
        if (!both.aborted) {
          view.say(`the responder gave up: ${error instanceof Error ? error.message : String(error)}`);
          drill.end("asked");
        }
      });
    const told = await result;
    view.end();
    if (!output.json)
      output.print(`\n${debriefText(scenario, told, drill.state, root)}\n\nJournal: ${journal}\n`);
    return told;
  } finally {
    view.end();
    finished.abort(new Error("the drill is over"));
  }
}

interface ResponderParts {
  readonly lab: Lab;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
  readonly fault: boolean;
}

async function runResponder({ lab, say, signal, fault }: ResponderParts, done: () => void): Promise<void> {
  await untilSteady(lab, signal);
  await answerThePage(lab.client, {
    clock: systemClock,
    signal,
    say: (line) => say(`  on call: ${line}`),
    waitMs: fault ? 90_000 : 30_000,
  });
  done();
}

/** The responder comes on duty once the lab serves: before that there is nothing to see. */
async function untilSteady(lab: Lab, signal: AbortSignal): Promise<void> {
  for (;;) {
    const status = await lab.client.status().catch(() => undefined);
    if (status?.drill && status.drill.phase !== "briefing") return;
    await sleep(systemClock, 250, signal);
  }
}

const LINE_EVERY_MS = 5000;

/** A screen that redraws itself on a terminal, and a line now and then elsewhere. */
function createView(lab: Lab, output: Output, auto: boolean) {
  const redraws = process.stderr.isTTY && !auto;
  const screen = redraws ? createLogUpdate(process.stderr) : undefined;
  let stop: (() => void) | undefined;
  let busy = false;
  const draw = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    try {
      const status = await lab.client.status();
      if (stop === undefined) return;
      if (screen) screen(`\n${liveText(status)}\n\n(Ctrl-C ends the lab)`);
      else output.note(`  ${lineText(status)}`);
    } catch {
      // Between two worlds there is nothing to draw.
    } finally {
      busy = false;
    }
  };
  return {
    begin() {
      stop = every(systemClock, redraws ? 1000 : LINE_EVERY_MS, () => void draw());
    },
    say(line: string) {
      screen?.clear();
      output.note(line);
    },
    end() {
      stop?.();
      stop = undefined;
      screen?.done();
    },
  };
}

const LOOK_AND_ACT = `
In a second terminal, in this folder:
  look   npx lblab status | ps | logs UNIT | changes | config show | config diff 1 2 | metrics UNIT
         curl -i http://LISTENER/     ss -ltnp
  act    npx lblab config apply FILE | config rollback [VERSION]
         npx lblab unit start|stop|restart|kill|enable|disable UNIT | unit config UNIT key=value
         npx lblab package uninstall NAME | change revert ID | upstream drain|enable NAME | upstream weight NAME N
  then   npx lblab check        are users well?
         npx lblab diagnose     say what it is
         npx lblab hint         if you are stuck
         npx lblab end          finish: is it durable? and the debrief
`;

function eventText(
  line: JournalLine,
  state: DrillState,
  { auto, listener }: { readonly auto: boolean; readonly listener: string },
): string | undefined {
  switch (line.event) {
    case "steady":
      return `steady: ${line.requestsPerSecond} requests/s, p95 ${Object.entries(line.p95Ms)
        .map(([route, p95]) => `${route} ${p95} ms`)
        .join(", ")}, nobody paged`;
    case "paged":
      return `${paint(["red", "bold"], `PAGER: ${line.alert}: ${line.summary}`)}${auto || state.page?.summary !== line.summary ? "" : LOOK_AND_ACT.replace("LISTENER", listener)}`;
    case "acted":
      return auto ? undefined : `you: ${line.action}: ${line.message}`;
    case "checked":
      return auto ? undefined : `check: ${line.ok ? "OK" : `NO: ${line.felt.join("; ")}`}`;
    case "ending":
      return state.changedAt === null
        ? "the drill ends: a last look at the users ..."
        : "the drill ends: a last look at the users; if they are well, all units are restarted once, to see whether it lasts ...";
    case "restarted":
      return line.well
        ? `restarted; users are well again after ${line.seconds} s`
        : `restarted; users are not well, ${line.seconds} s later`;
    case "reset":
      return `reset in ${line.ms} ms: ${line.equal ? "equal to the start" : "NOT equal to the start"}`;
    case "refused":
    case "void":
      return `${line.event}: ${line.reason}`;
    default:
      return undefined;
  }
}

/** `start --auto --all`, one row an incident. */
function resultsTable(results: readonly Result[]): string {
  const seconds = (value: number | null): string => (value === null ? "-" : `${value.toFixed(0)} s`);
  return table(
    [
      "incident",
      "reported",
      "failed",
      "affected",
      "answers",
      "in band",
      "detect",
      "mitigate",
      "restore",
      "check",
      "lasts",
      "diagnosis",
    ],
    results.map(({ scenario, reported, measured, inBand, check, durable, diagnosis }) => [
      scenario,
      `${Math.round(reported.impactRatio * 100)} % ${reported.status}`,
      percent(measured.failedRequestRatio),
      percent(measured.affectedUserRatio),
      Object.entries(measured.statuses)
        .sort(([, a], [, b]) => b - a)
        .slice(0, 3)
        .map(([status]) => status)
        .join(" "),
      inBand ? "yes" : "NO",
      seconds(measured.secondsToDetect),
      seconds(measured.secondsToMitigate),
      seconds(measured.secondsToRestore),
      check,
      durable ? "yes" : "NO",
      diagnosis?.correct ? "right" : "WRONG",
    ]),
  );
}
