import type { Command } from "commander";
import { CodedError } from "../../../runtime/errors.ts";
import type { Runner } from "../context.ts";
import { acknowledge, expireSilence, showAlerts, showSilences, silence } from "./alerts.ts";
import { secondsOf } from "../arguments.ts";
import * as look from "./look.ts";
import { showQuery } from "./query.ts";

/** status, ps, alerts, query, changes, logs, metrics, explain. */
export function addLookCommands(program: Command, { run, onLab }: Runner): void {
  program
    .command("explain [word]")
    .description("what a word means: a flag of the log, a state, a policy, a term; without one, all of them")
    .addHelpText("after", "\nExamples:\n  lblab explain URX\n  lblab explain affected\n  lblab explain")
    .action(
      run(async ({ output }, command) => {
        const { explainWord } = await import("./explain-word.ts");
        return explainWord(command.processedArgs[0] as string | undefined, output);
      }),
    );
  program
    .command("status")
    .description("users, backends and pools at a glance")
    .action(onLab(look.showStatus));
  program.command("ps").description("units and ports").action(onLab(look.showUnits));
  const alerts = program.command("alerts").description("what the pager says").action(onLab(showAlerts));
  alerts
    .command("ack [alert]")
    .description("you are at it: the pager stops ringing for this alert, or for all that fire")
    .action(onLab((parts, command) => acknowledge(parts, command.processedArgs[0] as string | undefined)));
  alerts
    .command("silence <matcher...>")
    .description("the pager keeps quiet about alerts by name or by matchers (severity=inform)")
    .option("--for <duration>", "how long", "10m")
    .option("--comment <text>", "why", "")
    .action(
      onLab((parts, command) => {
        const flags = command.opts<{ for: string; comment: string }>();
        return silence(parts, command.processedArgs[0] as string[], {
          seconds: secondsOf(flags.for),
          comment: flags.comment,
        });
      }),
    );
  alerts.command("silences").description("the silences that are not over").action(onLab(showSilences));
  alerts
    .command("expire <id>")
    .description("end a silence now")
    .action(onLab((parts, command) => expireSilence(parts, command.processedArgs[0] as string)));
  program
    .command("query <promql>")
    .description("ask the metrics, in PromQL")
    .option("--range <duration>", "over the last while, as a line of blocks for each series")
    .option("--step <duration>", "between two points of a range")
    .addHelpText(
      "after",
      `
Examples:
  lblab query 'up'
  lblab query 'sum by (result) (rate(probe_requests_total[15s]))'
  lblab query 'sum by (upstream) (rate(lb_upstream_requests_total[15s]))' --range 5m --step 5s
  lblab query 'count by (__name__) ({job=~".+"})'        what there is to ask for`,
    )
    .action(
      onLab((parts, command) => {
        const { range, step } = command.opts<{ range?: string; step?: string }>();
        return showQuery(parts, command.processedArgs[0] as string, {
          rangeSeconds: range === undefined ? undefined : secondsOf(range),
          stepSeconds: step === undefined ? undefined : secondsOf(step),
        });
      }),
    );
  program
    .command("changes")
    .description("what was changed lately, and by whom")
    .action(onLab(look.showChanges));
  program
    .command("logs <unit>")
    .description("the end of a unit's log; `access` is the balancer's access log")
    .option("-n, --lines <n>", "how many lines", "50")
    .option("--raw", "the lines as the unit wrote them, which is JSON")
    .action(
      onLab((parts, command) => {
        const flags = command.opts<{ lines: string; raw?: true }>();
        const lines = Number(flags.lines);
        if (!Number.isInteger(lines) || lines < 1)
          throw new CodedError("USAGE", "--lines must be a whole number from 1");
        return look.showLogs(parts, command.processedArgs[0] as string, { lines, raw: flags.raw === true });
      }),
    );
  program
    .command("metrics <unit>")
    .description("a unit's metrics, in Prometheus' text format")
    .action(onLab((parts, command) => look.showMetrics(parts, command.processedArgs[0] as string)));
}
