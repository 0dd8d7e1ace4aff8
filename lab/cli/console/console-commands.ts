import type { Command } from "commander";
import type { Runner } from "../context.ts";

/** console. */
export function addConsoleCommand(program: Command, { run }: Runner): void {
  program
    .command("console")
    .description("the page with the incidents in virtual time, on this machine, without a lab")
    .option("--port <n>", "default 8420, or any free one where that is taken")
    .action(
      run(async (context, command) => {
        const { consoleCommand } = await import("./console-command.ts");
        return consoleCommand(context, command);
      }),
    );
}
