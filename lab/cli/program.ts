import { Command, Option } from "commander";
import { addActCommands } from "./act/act-commands.ts";
import { addAloneCommands } from "./balancer/balancer-commands.ts";
import { addConsoleCommand } from "./console/console-commands.ts";
import { addDrillCommands } from "./drill/drill-commands.ts";
import { addFidelityCommand } from "./fidelity/fidelity-commands.ts";
import { addLabCommands } from "./lab/lab-commands.ts";
import { addLookCommands } from "./look/look-commands.ts";
import { addMeasuresCommand } from "./measures/measures-commands.ts";
import { addRecordCommands } from "./records/record-commands.ts";
import { addScenarioCommands } from "./scenario/scenario-commands.ts";
import { addReplayCommand, addSimulateCommand } from "./simulate/simulate-commands.ts";
import type { Runner } from "./context.ts";

/** Every command with its options and its help; the runner wraps their bodies. */
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
  addReplayCommand(program, runner);
  addConsoleCommand(program, runner);
  addFidelityCommand(program, runner);
  addMeasuresCommand(program, runner);
  addAloneCommands(program, runner);
  addScenarioCommands(program, runner);

  return program;
}
