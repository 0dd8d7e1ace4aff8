import type { Command } from "commander";
import { Option } from "commander";
import { SCENARIOS } from "../../../scenarios/index.ts";
import { PACES } from "../../../scenarios/scenario.ts";
import { RESPONDERS, type ResponderName } from "../../responders/index.ts";
import { countOf } from "../arguments.ts";
import type { Runner } from "../context.ts";
import { oneOf, scenarioNamed } from "../named.ts";
import { refuseDuringDrill } from "../spoilers.ts";
import { choiceOf, measureOption, withOption, withoutOption, type MeasureFlags } from "./measure-options.ts";

const DEFAULT_SEEDS = 1;

interface Flags extends MeasureFlags {
  readonly scenario?: string;
  readonly seeds?: string;
  readonly threads?: string;
  readonly each?: boolean;
  readonly short?: boolean;
  readonly quietDay: boolean;
  readonly chart?: string;
  readonly pace: string;
  readonly responder: string;
}

/** measures. */
export function addMeasuresCommand(program: Command, { run }: Runner): void {
  program
    .command("measures")
    .description("what would have helped: every incident with each corrective measure on, in virtual time")
    .option("--scenario <incident>", "only this incident, by alias or id")
    .option("--seeds <n>", `seeds 1 to n (default ${DEFAULT_SEEDS})`)
    .addOption(
      new Option("--pace <pace>", "report: the report's own length; drill: a minute is a second").default(
        "report",
      ),
    )
    .addOption(new Option("--responder <name>", "who answers the page").default("report"))
    .addOption(withOption())
    .addOption(withoutOption())
    .addOption(measureOption())
    .option("--each", "each of the measures of --with and --without alone")
    .option("--short", "only each measure alone and all together, with one responder")
    .option("--no-quiet-day", "without the day on which nothing is wrong")
    .option("--chart <file>", "also draw what each measure saves: one SVG file")
    .option("--threads <n>", "drills side by side (default: one a core)")
    .addHelpText(
      "after",
      `
Without --with, every measure alone, the standard ones left out, all together, and all but one. Ctrl-C keeps what is done.

Examples:
  lblab measures --pace drill
  lblab measures --scenario lantern --with auto-rollback --measure-option auto-rollback.watch=3
  lblab measures --seeds 5 --json`,
    )
    .action(
      run(async ({ output, settings, signal, root }, command) => {
        const flags = command.opts<Flags>();
        const choice = choiceOf(flags);
        const isGiven = flags.with !== undefined || flags.without !== undefined;
        const request = {
          scenarios: flags.scenario === undefined ? SCENARIOS : [scenarioNamed(flags.scenario)],
          seeds: Array.from({ length: countOf("--seeds", flags.seeds, DEFAULT_SEEDS) }, (_, i) => i + 1),
          pace: oneOf("pace", flags.pace, PACES),
          responder: oneOf("responder", flags.responder, Object.keys(RESPONDERS) as ResponderName[]),
          given: isGiven ? choice : undefined,
          quietDay: flags.quietDay,
          chart: flags.chart,
          isEach: flags.each === true,
          isShort: flags.short === true,
          threads: flags.threads === undefined ? undefined : countOf("--threads", flags.threads, 1),
        };
        refuseDuringDrill(settings);
        const { measures } = await import("./measures.ts");
        return measures(request, { output, root, signal });
      }),
    );
}
