import type { Command } from "commander";
import { CodedError } from "../../../runtime/errors.ts";
import { MECHANISMS, SCOPES } from "../../../scenarios/diagnosis.ts";
import { SCENARIOS } from "../../../scenarios/index.ts";
import { againLine } from "./again.ts";
import { seedOf, seedOption, worldOption } from "../arguments.ts";
import { withLab, type Context, type Runner } from "../context.ts";
import { check, diagnose, type DiagnosisFlags } from "../act/finish.ts";
import { ownIncident } from "./incident.ts";
import type { ScriptFlags } from "./run-script.ts";
import { solvedBy } from "../records/records.ts";
import { scenarioText } from "./scenario-texts.ts";
import { refuseDuringDrill } from "../spoilers.ts";
import {
  choiceOf,
  measureOption,
  withOption,
  withoutOption,
  wordsOf,
  type MeasureFlags,
} from "../measures/measure-options.ts";
import { assertLive } from "../../measures/choice.ts";
import { traineeFrom, traineeOption } from "./trainee.ts";
import { addDrillRecordCommands } from "../records/record-commands.ts";

/** start, check, diagnose, hint, end, drill, scenarios. */
export function addDrillCommands(program: Command, runner: Runner): void {
  const { run, onLab } = runner;
  program
    .command("start [alias]")
    .description(
      "bring the lab up and drill an incident: a blind one, the one that the alias names, or your own by its path",
    )
    .option("--auto", "no keyboard needed: a responder answers the page, finds the cause and repairs it")
    .option("--all", "all five in turn (with --auto)")
    .option("--no-fault", "a quiet night: everything but the change")
    .addOption(worldOption())
    .addOption(seedOption())
    .addOption(traineeOption())
    .addOption(withOption())
    .addOption(withoutOption())
    .addOption(measureOption())
    .addHelpText(
      "after",
      "\nExamples:\n  lblab start\n  lblab start lantern --seed 7\n  lblab start ./my-incident\n  lblab start lantern --with canary,auto-rollback\n  lblab start --auto --all --json\n",
    )
    .action(run(startCommand));
  program
    .command("check")
    .description("are users well? OK or NO, and what they feel; never why")
    .action(onLab(check));
  program
    .command("diagnose")
    .description("say what it is: by flags, or by questions on a terminal")
    .option("--component <name>", "a unit, a pool, or balancer")
    .option("--mechanism <word>", "how it breaks")
    .option("--scope <word>", "who feels it")
    .addHelpText(
      "after",
      `
${wordList("Mechanisms", MECHANISMS)}
A scenario of your own may have more: status --json lists them.

${wordList("Scopes", SCOPES)}

Example:
  lblab diagnose --component database --mechanism database-slow --scope everyone
`,
    )
    .action(onLab((parts, command) => diagnose(parts, command.opts<DiagnosisFlags>())));
  program
    .command("hint")
    .description("the next hint; it is noted")
    .action(
      onLab(async ({ client, output }) => {
        const { hint } = await client.hint();
        if (output.json) output.printJson({ schemaVersion: 1, hint });
        else output.print(hint);
      }),
    );
  program
    .command("end")
    .description(
      "finish the drill: the units are restarted once, then the debrief is printed where it was started",
    )
    .action(
      onLab(async ({ client, output }) => {
        await client.end();
        if (output.json) output.printJson({ schemaVersion: 1, ok: true });
        else output.note("ending; the debrief is printed where the drill was started");
      }),
    );
  addScriptCommands(
    program.command("drill").description("an instructor's drills, and what was recorded"),
    runner,
  );
  program
    .command("scenarios")
    .description("what there is to drill")
    .option("--spoilers", "with titles and causes")
    .action(run(listScenarios));
}

/** Words with their meanings, as `--help` lists options. */
const wordList = (title: string, words: Readonly<Record<string, string>>): string => {
  const indent = Math.max(...Object.keys(words).map((word) => word.length)) + 4;
  const lines = Object.entries(words).map(([word, means]) => `  ${word.padEnd(indent - 2)}${means}`);
  return `${title}:\n${lines.join("\n")}`;
};

interface StartFlags extends MeasureFlags {
  readonly auto?: boolean;
  readonly all?: boolean;
  readonly fault: boolean;
  readonly seed?: number;
  readonly trainee?: string;
}

async function startCommand(context: Context, command: Command): Promise<number> {
  const { output, root, settings, version } = context;
  const flags = command.opts<StartFlags>();
  if (flags.all === true && flags.auto !== true && output.interactive)
    throw new CodedError("USAGE", "--all goes with --auto", { hint: "npx lblab start --auto --all" });
  const auto = flags.auto === true || !output.interactive;
  if (flags.auto !== true && auto)
    output.note("Nobody is at a terminal: the responder answers the page (as with --auto).");
  const [alias] = command.processedArgs as (string | undefined)[];
  const seed = seedOf(flags.seed);
  const all = flags.all === true;
  const choice = assertLive(choiceOf(flags));
  const { chosen, start } = await import("./start.ts");
  // A name that does not exist is reported before anything is brought up.
  const who = traineeFrom(flags.trainee, process.env);
  const incidents = await chosen(alias, { all, seed, solved: solvedBy(who.trainee, settings.home) }, root);
  const options = {
    incidents,
    auto,
    all,
    fault: flags.fault,
    seed,
    choice,
    timeLimitMs: null,
    context: { ...who, version },
    again: (incident: string) =>
      againLine(["start", incident, "--seed", String(seed), ...wordsOf(flags)], settings),
    goOn: auto ? ("never" as const) : ("ask" as const),
  };
  return withLab(context, seed, (lab, signal) => start(options, { lab, output, signal }));
}

/** drill run, list, verify. */
function addScriptCommands(drill: Command, runner: Runner): void {
  drill
    .command("run <script>")
    .description("brief, time and judge a trainee by a YAML script; the result is a JSON file and a line")
    .option("--out <file>", "where the result is written", "result.json")
    .addOption(worldOption())
    .addOption(seedOption())
    .addOption(traineeOption())
    .addOption(withOption())
    .addOption(withoutOption())
    .addOption(measureOption())
    .addHelpText(
      "after",
      "\nExample script:\n  scenario: lantern            # or ./my-incident, beside the script\n  seed: 7\n  timeLimitMinutes: 20\n  goOn: true                   # a repair that does not last is no end\n  pass: { durable: true, diagnosis: true, maxHints: 1 }\n",
    )
    .action(
      runner.run(async (context, command) => {
        const { runScript } = await import("./run-script.ts");
        const [path] = command.processedArgs as [string];
        return runScript(path, command.opts<ScriptFlags>(), context);
      }),
    );
  addDrillRecordCommands(drill, runner);
}

async function listScenarios({ output, settings, root }: Context, command: Command): Promise<void> {
  const spoilers = command.opts<{ spoilers?: boolean }>().spoilers === true;
  if (spoilers) refuseDuringDrill(settings);
  const listed = SCENARIOS.map((scenario) => ({
    alias: scenario.alias,
    brief: scenarioText(ownIncident(scenario, root), "brief.md").replaceAll("\n", " "),
    ...(spoilers ? { id: scenario.id, title: scenario.title } : {}),
  }));
  if (output.json) return output.printJson({ schemaVersion: 1, scenarios: listed });
  for (const { alias, brief, id, title } of listed)
    output.print(`${id === undefined ? alias : `${alias} = ${id}: ${title}`}\n  ${brief}\n`);
}
