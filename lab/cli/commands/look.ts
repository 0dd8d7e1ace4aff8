import type { Command } from "commander";
import { CodedError } from "../../../runtime/errors.ts";
import type { Runner } from "../context.ts";
import * as look from "../look.ts";

/** status, ps, alerts, changes, logs, metrics. */
export function addLookCommands(program: Command, { onLab }: Runner): void {
  program
    .command("status")
    .description("users, backends and pools at a glance")
    .action(onLab(look.showStatus));
  program.command("ps").description("units and ports").action(onLab(look.showUnits));
  program.command("alerts").description("what the pager says").action(onLab(look.showAlerts));
  program
    .command("changes")
    .description("what was changed lately, and by whom")
    .action(onLab(look.showChanges));
  program
    .command("logs <unit>")
    .description("the end of a unit's log; `access` is the balancer's access log")
    .option("-n, --lines <n>", "how many lines", "50")
    .action(
      onLab((parts, command) => {
        const lines = Number(command.opts<{ lines: string }>().lines);
        if (!Number.isInteger(lines) || lines < 1)
          throw new CodedError("USAGE", "--lines must be a whole number from 1");
        return look.showLogs(parts, command.processedArgs[0] as string, lines);
      }),
    );
  program
    .command("metrics <unit>")
    .description("a unit's metrics, in Prometheus' text format")
    .action(onLab((parts, command) => look.showMetrics(parts, command.processedArgs[0] as string)));
}
