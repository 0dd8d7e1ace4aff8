import type { Command } from "commander";
import { SCENARIOS } from "../../../scenarios/index.ts";
import { seedOption } from "../arguments.ts";
import type { Runner } from "../context.ts";
import { scenarioNamed } from "../named.ts";
import { refuseDuringDrill } from "../spoilers.ts";

/** fidelity. */
export function addFidelityCommand(program: Command, { run }: Runner): void {
  program
    .command("fidelity [incident...]")
    .description(
      "every incident against the figures of its report, at the report's own length, in virtual time",
    )
    .addOption(seedOption().default(1))
    .addHelpText(
      "after",
      `
A claim of a report is emergent where the mechanism makes it true, and scripted where the timetable of the report's own
team does; only emergent ones score. Shares may be three points off, durations a tenth or a minute; the order is exact.
What a report says against itself is listed with what became of it, and scores nothing.

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
        const { seed } = command.opts<{ seed: number }>();
        refuseDuringDrill(settings);
        const { fidelity } = await import("../fidelity.ts");
        return fidelity({ scenarios, seed }, { output, root, signal });
      }),
    );
}
