import type { Command } from "commander";
import { systemClock } from "../../../runtime/clock.ts";
import type { Runner } from "../context.ts";
import type { LoadFlags } from "../load-command.ts";

/** balancer and load: without a lab around them. */
export function addAloneCommands(program: Command, { run }: Runner): void {
  program
    .command("balancer")
    .description("the balancer alone, in the foreground, no lab around it; SIGHUP reads its file again")
    .requiredOption("--config <file>", "its configuration")
    .option("--check", "only say whether the configuration is good")
    .option("--admin-token <file>", "token for changes by its admin API, mode 0600; absent: it only shows")
    .action(
      run(async ({ output, signal }, command) => {
        const { balancerCommand } = await import("../balancer-command.ts");
        const flags = command.opts<{ config: string; check?: boolean; adminToken?: string }>();
        return balancerCommand(
          { ...flags, json: output.json },
          {
            clock: systemClock,
            signal,
            onReload(reload) {
              process.removeAllListeners("SIGHUP");
              process.on("SIGHUP", reload);
            },
          },
        );
      }),
    );
  program
    .command("load")
    .description("autocannon against a URL of this machine, at a steady rate")
    .option("--url <url>", "default http://127.0.0.1:8080/")
    .option("--rate <n>", "requests a second (default 100)")
    .option("--connections <n>", "connections at most (default: one a request a second, up to 200)")
    .option("--duration <seconds>", "default 10, at most 600")
    .addHelpText(
      "after",
      "\nExample:\n  lblab load --url http://127.0.0.1:8080/ --rate 500 --duration 10 --json\n",
    )
    .action(
      run(async ({ output, signal }, command) => {
        const { loadCommand } = await import("../load-command.ts");
        return loadCommand(command.opts<LoadFlags>(), { clock: systemClock, output, interrupted: signal });
      }),
    );
}
