import type { Command } from "commander";
import { SCENARIOS } from "../../../scenarios/index.ts";
import { CodedError } from "../../../runtime/errors.ts";
import { countOf, seedOption } from "../arguments.ts";
import type { Runner } from "../context.ts";
import { scenarioNamed } from "../named.ts";
import { refuseDuringDrill } from "../spoilers.ts";

const DEFAULT_SEEDS = 5;

function seedsOf({ seed, seeds }: { readonly seed?: number; readonly seeds?: string }): number[] {
  if (seed !== undefined && seeds !== undefined)
    throw new CodedError("USAGE", "--seed is one seed and --seeds many: give one of them");
  if (seed !== undefined) return [seed];
  return Array.from({ length: countOf("--seeds", seeds, DEFAULT_SEEDS) }, (_, i) => i + 1);
}

/** fidelity. */
export function addFidelityCommand(program: Command, { run }: Runner): void {
  program
    .command("fidelity [incident...]")
    .description(
      "every incident against the figures of its report, at the report's own length, in virtual time",
    )
    .option("--seeds <n>", `how many seeds, from 1 on (default: ${DEFAULT_SEEDS})`)
    .addOption(seedOption())
    .addHelpText(
      "after",
      `
A claim of a report is emergent where the mechanism makes it true, and scripted where the timetable of the report's own
team does; only emergent ones score. Shares may be three points off, durations a tenth or a minute; the order is exact.
What a report says against itself is listed with what became of it, and scores nothing. What is ours is marked so, and
scores nothing either. Over several seeds each figure is a mean with its 95 % interval, and a claim holds when it held on all.

Exits with 0 when every claim is in its band or declared to be contradicted, with 4 otherwise.

Examples:
  lblab fidelity
  lblab fidelity juniper harvest --seed 7
  lblab fidelity --json`,
    )
    .action(
      run(async ({ output, settings, signal, root }, command) => {
        const [given] = command.processedArgs as [readonly string[]];
        const scenarios = given.length === 0 ? SCENARIOS : given.map(scenarioNamed);
        const flags = command.opts<{ seed?: number; seeds?: string }>();
        const seeds = seedsOf(flags);
        refuseDuringDrill(settings);
        const { fidelity } = await import("./fidelity.ts");
        return fidelity({ scenarios, seeds }, { output, root, signal });
      }),
    );
}
