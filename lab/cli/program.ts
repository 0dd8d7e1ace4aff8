import { Command, Option } from "commander";
import { addActCommands } from "./commands/act.ts";
import { addAloneCommands } from "./commands/alone.ts";
import { addDrillCommands } from "./commands/drill.ts";
import { addFidelityCommand } from "./commands/fidelity.ts";
import { addLabCommands } from "./commands/lab.ts";
import { addLookCommands } from "./commands/look.ts";
import { addRecordCommands } from "./commands/records.ts";
import { addScenarioCommands } from "./commands/scenario.ts";
import { addSimulateCommand } from "./commands/simulate.ts";
import type { Runner } from "./context.ts";

/** Every command with its options and its help; what they do is the runner's to start. */
export function createProgram(runner: Runner, version: string): Command {
  const program = new Command("lblab")
    .description("Live through five real load balancer outages on your own machine.")
    .version(version)
    .option("--json", "machine-readable output on standard output")
    .addOption(new Option("--dir <path>", "where the lab keeps its files (LBLAB_DIR; default .lab)"))
    .addOption(
      new Option(
        "--port-base <n>",
        "port of the balancer; all others move with it (LBLAB_PORT_BASE; default 8080)",
      ),
    )
    .showSuggestionAfterError()
    .exitOverride();

  addDrillCommands(program, runner);
  addLookCommands(program, runner);
  addActCommands(program, runner);
  addLabCommands(program, runner);
  addRecordCommands(program, runner);
  addSimulateCommand(program, runner);
  addFidelityCommand(program, runner);
  addAloneCommands(program, runner);
  addScenarioCommands(program, runner);

  return program;
}
