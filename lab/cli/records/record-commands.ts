import type { Command } from "commander";
import { EXIT } from "../../../runtime/errors.ts";
import type { Context, Runner } from "../context.ts";
import type { DebriefFlags } from "./past-debrief.ts";
import type { HistoryEntry } from "./records.ts";
import { refuseDuringDrill } from "../spoilers.ts";
import { clockTime, table } from "../tables.ts";
import { traineeFrom, traineeOption } from "../drill/trainee.ts";

/** debrief, history: what was recorded of drills. */
export function addRecordCommands(program: Command, { run }: Runner): void {
  program
    .command("debrief [drill]")
    .description("a past drill's debrief: of the last one, or of the one whose id begins so")
    .option("--markdown", "as the draft of a postmortem")
    .option("--chart <file>", "also write a chart of it: one SVG file that needs nothing else")
    .option("--answer", "also what it was, of a drill that came to no result")
    .addHelpText(
      "after",
      "\nExamples:\n  lblab debrief\n  lblab debrief 20261130T1501 --markdown > postmortem.md\n  lblab debrief --chart drill.svg\n",
    )
    .action(
      run(async (context, command) => {
        refuseDuringDrill(context.settings);
        const { showDebrief } = await import("./past-debrief.ts");
        const [drill] = command.processedArgs as (string | undefined)[];
        return showDebrief(drill, command.opts<DebriefFlags>(), context);
      }),
    );
  program
    .command("history")
    .description("your drills: when, which, how long, and their outcomes")
    .addOption(traineeOption())
    .action(
      run(async (context, command) => {
        const { trainee } = traineeFrom(command.opts<{ trainee?: string }>().trainee, process.env);
        await showHistory(context, (entry) => entry.trainee === trainee || entry.trainee === null);
      }),
    );
}

/** drill list, drill verify. */
export function addDrillRecordCommands(drill: Command, { run }: Runner): void {
  drill
    .command("list")
    .description("every drill that was recorded here, of all trainees")
    .action(run((context) => showHistory(context, () => true)));
  drill
    .command("verify [drill]")
    .description("whether a drill's journal is as it was written: damage shows, forgery does not")
    .action(
      run(async ({ output, settings }, command) => {
        const [{ integrityOf, integrityText }, { drillGiven }] = await Promise.all([
          import("./past-debrief.ts"),
          import("./records.ts"),
        ]);
        const [given] = command.processedArgs as (string | undefined)[];
        const past = drillGiven(given, settings.home);
        const found = integrityOf(past.found);
        if (output.json) output.printJson({ schemaVersion: 1, drill: past.id, ...found });
        else output.print(integrityText(past));
        return found.whole ? EXIT.ok : EXIT.notSolved;
      }),
    );
}

async function showHistory(
  { output, settings }: Context,
  isWanted: (entry: HistoryEntry) => boolean,
): Promise<void> {
  const { historyOf } = await import("./records.ts");
  const drills = historyOf(settings.home).filter(isWanted);
  if (output.json) return output.printJson({ schemaVersion: 1, drills });
  if (drills.length === 0) return output.print(`no drill was recorded in ${settings.home}`);
  output.print(
    table(
      ["drill", "begun", "incident", "trainee", "attempt", "took", "outcome", "hints", "wrong", "record"],
      drills.map((one) => [
        one.drill,
        one.begun.slice(0, 16).replace("T", " "),
        one.alias,
        one.trainee ?? undefined,
        one.attempt ?? undefined,
        one.seconds === null ? undefined : clockTime(one.seconds),
        one.because === null ? one.outcome : `${one.outcome} (${one.because})`,
        one.hints,
        one.wrongActions ?? undefined,
        one.whole ? "whole" : "damaged",
      ]),
    ),
  );
}
