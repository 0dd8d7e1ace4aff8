import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { CodedError, EXIT } from "../../../runtime/errors.ts";
import { MECHANISMS, SCOPES } from "../../../scenarios/diagnosis.ts";
import { SCENARIOS } from "../../../scenarios/index.ts";
import { seedOf, seedOption, worldOption } from "../arguments.ts";
import { withLab, type Context, type Runner } from "../context.ts";
import { judgeScript, readDrillScript } from "../drill-script.ts";
import { check, diagnose, type DiagnosisFlags } from "../finish.ts";
import { ownIncident } from "../incident.ts";
import { scenarioNamed } from "../named.ts";
import { refuseDuringDrill } from "../spoilers.ts";

/** start, check, diagnose, hint, end, drill run, scenarios. */
export function addDrillCommands(program: Command, { run, onLab }: Runner): void {
  program
    .command("start [alias]")
    .description(
      "bring the lab up and live through an incident: a blind one, the one that the alias names, or your own by its path",
    )
    .option("--auto", "no keyboard needed: a responder answers the page, finds the cause and repairs it")
    .option("--all", "all five in turn (with --auto)")
    .option("--no-fault", "a quiet night: everything but the change")
    .addOption(worldOption())
    .addOption(seedOption())
    .addHelpText(
      "after",
      "\nExamples:\n  lblab start\n  lblab start lantern --seed 7\n  lblab start ./my-incident\n  lblab start --auto --all --json\n",
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
        const hint = await client.hint();
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
  program
    .command("drill")
    .description("an instructor's drills")
    .command("run <script>")
    .description("brief, time and judge a trainee by a YAML script; the result is a JSON file and a line")
    .option("--out <file>", "where the result is written", "result.json")
    .addHelpText(
      "after",
      "\nExample script:\n  scenario: lantern\n  seed: 7\n  timeLimitMinutes: 20\n  pass: { durable: true, diagnosis: true, maxHints: 1 }\n",
    )
    .action(run(runScript));
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

async function startCommand(context: Context, command: Command): Promise<number> {
  const { output, root } = context;
  const flags = command.opts<{ auto?: boolean; all?: boolean; fault: boolean; seed?: number }>();
  if (flags.all === true && flags.auto !== true && output.interactive)
    throw new CodedError("USAGE", "--all goes with --auto", { hint: "lblab start --auto --all" });
  const auto = flags.auto === true || !output.interactive;
  if (flags.auto !== true && auto)
    output.note("Nobody is at a terminal: the responder answers the page (as with --auto).");
  const [alias] = command.processedArgs as (string | undefined)[];
  const seed = seedOf(flags.seed);
  const all = flags.all === true;
  const { chosen, start } = await import("../start.ts");
  // A name that does not exist is told before anything is brought up.
  const incidents = await chosen(alias, { all, seed }, root);
  const options = { incidents, auto, all, fault: flags.fault, seed, timeLimitMs: null };
  return withLab(context, seed, (lab, signal) => start(options, { lab, output, signal }));
}

async function runScript(context: Context, command: Command): Promise<number> {
  const { output, root } = context;
  const script = readDrillScript(command.processedArgs[0] as string);
  const { out } = command.opts<{ out: string }>();
  const incident = ownIncident(scenarioNamed(script.scenario), root);
  if (script.briefing !== undefined) output.note(script.briefing.trim());
  const { drillOnce } = await import("../start.ts");
  return withLab(context, script.seed, async (lab, signal) => {
    const options = {
      auto: script.responder === "auto",
      fault: true,
      seed: script.seed,
      timeLimitMs: script.timeLimitMinutes === undefined ? null : script.timeLimitMinutes * 60_000,
    };
    const result = await drillOnce(incident, options, { lab, output, signal });
    const verdict = judgeScript(script, result);
    const told = { schemaVersion: 1, script, ...verdict, result };
    writeFileSync(out, `${JSON.stringify(told, undefined, 2)}\n`);
    if (output.json) output.printJson(told);
    else output.print(`${verdict.passed ? "PASSED" : `NOT PASSED: ${verdict.missed.join("; ")}`} (${out})`);
    return verdict.passed ? EXIT.ok : EXIT.notSolved;
  });
}

async function listScenarios({ output, settings, root }: Context, command: Command): Promise<void> {
  const spoilers = command.opts<{ spoilers?: boolean }>().spoilers === true;
  if (spoilers) refuseDuringDrill(settings);
  const listed = SCENARIOS.map(({ id, alias, title }) => ({
    alias,
    brief: readFileSync(join(root, "scenarios", id, "brief.md"), "utf8")
      .trim()
      .replaceAll("\n", " "),
    ...(spoilers ? { id, title } : {}),
  }));
  if (output.json) return output.printJson({ schemaVersion: 1, scenarios: listed });
  for (const { alias, brief, id, title } of listed)
    output.print(`${id === undefined ? alias : `${alias} = ${id}: ${title}`}\n  ${brief}\n`);
}
