import { join } from "node:path";
import { Option, type Command } from "commander";
import { CodedError } from "../../../runtime/errors.ts";
import { SCENARIOS } from "../../../scenarios/index.ts";
import { PACES } from "../../../scenarios/scenario.ts";
import { RESPONDERS, type ResponderName } from "../../responders/index.ts";
import { seedOption } from "../arguments.ts";
import {
  choiceOf,
  measureOption,
  withOption,
  withoutOption,
  type MeasureFlags,
} from "../measures/measure-options.ts";
import type { Context, Runner } from "../context.ts";
import { incidentGiven } from "../drill/incident.ts";
import { oneOf } from "../named.ts";
import { refuseDuringDrill } from "../spoilers.ts";

const NAMES = Object.keys(RESPONDERS) as ResponderName[];
const assumptions = (): string =>
  NAMES.map(
    (name) => `${name}\n  ${RESPONDERS[name].assumptions.replaceAll(/(.{1,96})(\s|$)/g, "$1\n  ").trim()}`,
  ).join("\n");

/** simulate. */
export function addSimulateCommand(program: Command, { run }: Runner): void {
  program
    .command("simulate [incident]")
    .description(
      "an incident in virtual time, by alias, id or path: hours in seconds, and the same again for the same seed",
    )
    .addOption(
      new Option(
        "--responder <name>",
        `who answers the page: ${NAMES.join(", ")}; "help" shows what each assumes`,
      ).default("report"),
    )
    .addOption(
      new Option(
        "--pace <pace>",
        "report: the report's own length; drill: as in lblab start, a minute is a second",
      ).default("report"),
    )
    .addOption(seedOption().default(1))
    .addOption(withOption())
    .addOption(withoutOption())
    .addOption(measureOption())
    .option("--chart <file>", "also write a chart of it: one SVG file that needs nothing else")
    .option("--saved", "also what each measure of its report would have saved: the same again with each")
    .option("--trace <file>", "also write every event that the digest covers, one a line, in order")
    .addHelpText(
      "after",
      `
Exits with 0 when the simulation came to its end, whatever became of the users.

Examples:
  lblab simulate juniper
  lblab simulate ./my-incident --pace drill
  lblab simulate lantern --responder ideal --seed 7 --json
  lblab simulate lantern --with semantic-check,auto-rollback --measure-option auto-rollback.watch=5
  lblab simulate harvest --pace drill --responder griefer --chart griefer.svg
  lblab simulate lantern --pace drill --trace a.trace   # two traces differ where their digests do: cmp a.trace b.trace

What is assumed of each responder:

${assumptions()}
`,
    )
    .action(run(simulateCommand));
}

/** replay. */
export function addReplayCommand(program: Command, { run }: Runner): void {
  program
    .command("replay <file-or-link>")
    .description(
      "replay a drill of the page's virtual world, and compare its digest; print a live drill's journal",
    )
    .addHelpText(
      "after",
      `
Exits with 0 when the digest is equal, or when another release wrote it and none can be expected; with 4 when it is not.
The journal of a live drill is printed by its facts: real processes are not simulated again, and there is no digest.

Examples:
  lblab replay drill.json
  lblab replay 'http://127.0.0.1:8420/#drill=...' --json
  lblab replay .lab/drills/ID/journal.ndjson`,
    )
    .action(
      run(async ({ output, settings, signal, root, version }, command) => {
        const [given = ""] = command.processedArgs as string[];
        refuseDuringDrill(settings);
        const [{ replay }, { nodePlatform }] = await Promise.all([
          import("./replay.ts"),
          import("../../world/simulated/node-platform.ts"),
        ]);
        const platform = nodePlatform(join(root, "dashboards"));
        return replay(given, { output, release: version, platform, signal });
      }),
    );
}

interface Flags extends MeasureFlags {
  readonly responder: string;
  readonly pace: string;
  readonly seed: number;
  readonly chart?: string;
  readonly trace?: string;
  readonly saved?: boolean;
}

async function simulateCommand({ output, settings, signal, root }: Context, command: Command): Promise<void> {
  const flags = command.opts<Flags>();
  if (flags.responder === "help") {
    if (output.json)
      output.printJson({
        schemaVersion: 1,
        responders: NAMES.map((name) => ({ name, assumptions: RESPONDERS[name].assumptions })),
      });
    else output.print(assumptions());
    return;
  }
  const [given] = command.processedArgs as (string | undefined)[];
  if (given === undefined)
    throw new CodedError("USAGE", "which incident?", {
      hint: `there is ${SCENARIOS.map(({ alias }) => alias).join(", ")}`,
    });
  const chosen = {
    responder: oneOf("responder", flags.responder, NAMES),
    pace: oneOf("pace", flags.pace, PACES),
    seed: flags.seed,
    choice: choiceOf(flags),
    chart: flags.chart,
    trace: flags.trace,
    saved: flags.saved === true,
  };
  refuseDuringDrill(settings);
  const { scenario } = await incidentGiven(given, root);
  const { simulate } = await import("./simulate.ts");
  await simulate({ ...chosen, scenario }, { output, root, signal });
}
