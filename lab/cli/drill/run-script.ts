import { createResultFile, type ResultFile } from "../../control/result-file.ts";
import { CodedError, EXIT, messageOf } from "../../../runtime/errors.ts";
import type { DrillRecord } from "../../drill/record.ts";
import type { Result } from "../../drill/result.ts";
import { stopCauseOf } from "../../drill/stop-cause.ts";
import { againLine } from "./again.ts";
import { withLab, type Context } from "../context.ts";
import {
  judgeScript,
  readDrillScript,
  termsText,
  type DrillScript,
  type PassVerdict,
} from "./drill-script.ts";
import { assertLive, assertTogether, type Choice } from "../../measures/choice.ts";
import { choiceOf, wordsOf, type MeasureFlags } from "../measures/measure-options.ts";
import { incidentGiven } from "./incident.ts";
import { drillOnce } from "./start.ts";
import { traineeFrom } from "./trainee.ts";

export interface ScriptFlags extends MeasureFlags {
  readonly out: string;
  readonly seed?: number;
  readonly trainee?: string;
}

/**
 * `lblab drill run`: briefs, times and judges a trainee. The result file is written before anything is brought up, so that
 * it never shows an earlier drill's, and whenever the drill may have ended.
 */
export async function runScript(path: string, flags: ScriptFlags, context: Context): Promise<number> {
  const { output, root, settings, version } = context;
  const script = withSeed(readDrillScript(path), flags.seed);
  const choice = assertLive(bothOf(script, choiceOf(flags)));
  const incident = await incidentGiven(script.scenario, root);
  const { scenario } = incident;
  // Nothing of a result may name the incident before the end.
  const veiled = { ...script, scenario: scenario.alias };
  const unfinished = {
    schemaVersion: 1,
    state: "unfinished",
    script: veiled,
    passed: null,
    missed: [],
    result: null,
  };
  const file = createResultFile(flags.out, unfinished);
  const note = (record: DrillRecord): void => file.write({ ...unfinished, ...record });
  if (script.briefing !== undefined) output.note(script.briefing.trim());
  output.note(termsText(script));
  let last: DrillRecord | undefined;
  try {
    return await withLab(context, script.seed, async (lab, signal) => {
      const options = {
        auto: script.responder === "auto",
        fault: true,
        seed: script.seed,
        choice,
        timeLimitMs: script.timeLimitMinutes === undefined ? null : script.timeLimitMinutes * 60_000,
        context: { ...traineeFrom(flags.trainee, process.env), version },
        again: () =>
          againLine(
            ["drill", "run", path, "--out", flags.out, ...seedWords(flags.seed), ...wordsOf(flags)],
            settings,
          ),
        terms: { briefing: script.briefing, pass: script.pass },
        goOn: script.goOn ? ("always" as const) : ("never" as const),
        onRecord(record: DrillRecord) {
          last = record;
          note(record);
        },
      };
      const ended = await drillOnce(incident, options, { lab, output, signal });
      const verdict = judgeScript(script, ended.result);
      const reported = { ...ended.record, schemaVersion: 1, script, ...verdict, result: ended.result };
      // Printed first: a full disk loses the file, and not the verdict.
      if (output.json) output.printJson(reported);
      else output.print(`${verdictLine(verdict, ended.result)} (${flags.out})`);
      file.write(reported);
      if (ended.result.resetEqual === false) return EXIT.drillVoid;
      return verdict.passed === false ? EXIT.notSolved : EXIT.ok;
    });
  } catch (error) {
    if (last?.stopped === undefined || last.stopped === null)
      noteFailure(file, { ...unfinished, ...last }, error);
    throw error;
  }
}

function verdictLine({ passed, missed }: PassVerdict, { outcome, outcomeBy }: Result): string {
  if (passed === null) return `${outcome?.toUpperCase()} by ${outcomeBy}: there was nothing to pass`;
  return passed ? "PASSED" : `NOT PASSED: ${missed.join("; ")}`;
}

const seedWords = (seed: number | undefined): string[] =>
  seed === undefined ? [] : ["--seed", String(seed)];

/** What the script chooses, and what the command line adds to it. */
const bothOf = (script: DrillScript, flags: Choice): Choice =>
  assertTogether({
    with: { ...script.with, ...flags.with },
    without: [...new Set([...(script.without ?? []), ...flags.without])],
  });

const withSeed = (script: DrillScript, seed: number | undefined): DrillScript =>
  seed === undefined ? script : { ...script, seed };

/** Writes the failure of a drill that recorded none itself: its lab did not come up, or failed. */
function noteFailure(file: ResultFile, unfinished: object, error: unknown): void {
  const state = error instanceof CodedError && error.code === "DRILL_VOID" ? "void" : "refused";
  const stopped = { because: stopCauseOf(error, "not-started"), reason: messageOf(error) };
  try {
    file.write({ ...unfinished, state, stopped });
  } catch {
    // The file still says that it is unfinished; the caller reports the error itself.
  }
}
