#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, CommanderError, Option } from "commander";
import { EXIT } from "../../runtime/errors.ts";
import { addActCommands } from "./commands/act.ts";
import { addAloneCommands } from "./commands/alone.ts";
import { addDrillCommands } from "./commands/drill.ts";
import { addFidelityCommand } from "./commands/fidelity.ts";
import { addLabCommands } from "./commands/lab.ts";
import { addLookCommands } from "./commands/look.ts";
import { addScenarioCommands } from "./commands/scenario.ts";
import { addSimulateCommand } from "./commands/simulate.ts";
import { createRunner } from "./context.ts";
import { report } from "./output.ts";

/** The command line: arguments and signals in, one exit code out. */

const dist = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const root = join(dist, "..");
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };

const interrupt = new AbortController();
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.on(name, () => {
    // The second Ctrl-C is for somebody who will not wait: children end with us.
    if (interrupt.signal.aborted) process.exit(EXIT.interrupted);
    interrupt.abort(new Error("interrupted"));
  });

// A terminal that was closed takes our last words with it; what is left to end and to put down is still done.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

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

const runner = createRunner({ signal: interrupt.signal, dist, root });
addDrillCommands(program, runner);
addLookCommands(program, runner);
addActCommands(program, runner);
addLabCommands(program, runner);
addSimulateCommand(program, runner);
addFidelityCommand(program, runner);
addAloneCommands(program, runner);
addScenarioCommands(program, runner);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  else process.exitCode = report(error, process.argv.includes("--json"));
}
