import type { Command } from "commander";
import { LOG_LEVELS, readLogLevel } from "../../../runtime/log-level.ts";
import { systemClock } from "../../../runtime/clock.ts";
import { CodedError } from "../../../runtime/errors.ts";
import type { CheckFlags } from "./check-config.ts";
import type { Context, Runner } from "../context.ts";
import type { LoadFlags } from "./load-command.ts";
import { basePortOf } from "../settings.ts";

interface BalancerFlags {
  readonly config?: string;
  readonly check?: boolean;
  readonly against?: string;
  readonly probe: boolean;
  readonly explain?: string | true;
  readonly adminToken?: string;
  readonly logLevel?: string;
  readonly emergency?: string;
}

/** Says whether a file can be taken by the balancer that it is for, which may be running. */
export async function checked(flags: CheckFlags, { output, settings }: Context): Promise<number> {
  const { checkConfig } = await import("./check-config.ts");
  const { balancerOfLab, servesFile } = await import("./own-balancer.ts");
  return checkConfig(flags, {
    clock: systemClock,
    output,
    running: () => balancerOfLab(settings),
    serves: servesFile,
  });
}

/** balancer and load: without a lab around them. */
export function addAloneCommands(program: Command, { run }: Runner): void {
  program
    .command("balancer")
    .description("the balancer alone, in the foreground, no lab around it; SIGHUP reads its file again")
    .option("--config <file>", "its configuration")
    .option("--check", "only say whether the configuration can be taken, and what may be said against it")
    .option("--against <file>", "with --check: the configuration that it is to replace")
    .option("--no-probe", "with --check: do not ask upstreams for what their health checks will ask for")
    .option("--explain [code]", "what a code of --check means; without one, all codes")
    .option("--log-level <level>", `${LOG_LEVELS.join(", ")} (LBLAB_LOG_LEVEL; default: what the file says)`)
    .option(
      "--emergency <reason>",
      "serve the file although it was edited and rollout would refuse the edit; written down with the reason",
    )
    .option("--admin-token <file>", "token for changes by its admin API, mode 0600; absent: it only shows")
    .action(
      run(async (context, command) => {
        const { output, signal } = context;
        const { config, explain, check, logLevel: level, ...flags } = command.opts<BalancerFlags>();
        if (explain !== undefined) {
          const { explainCode } = await import("./explain-code.ts");
          return explainCode(explain === true ? undefined : explain, output);
        }
        if (config === undefined)
          throw new CodedError("USAGE", "--config is missing: the balancer's configuration file");
        if (check === true) return checked({ ...flags, config }, context);
        const logLevel =
          readLogLevel(level, "--log-level") ??
          readLogLevel(process.env["LBLAB_LOG_LEVEL"], "LBLAB_LOG_LEVEL");
        const { balancerCommand } = await import("./balancer-command.ts");
        return balancerCommand(
          { ...flags, config, logLevel, json: output.json },
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
    .option("--url <url>", "default: the listener of the lab here, or of the one that --port-base names")
    .option("--rate <n>", "requests a second (default 100)")
    .option("--connections <n>", "connections at most (default: one a request a second, up to 200)")
    .option("--duration <seconds>", "default 10, at most 600")
    .addHelpText(
      "after",
      `
Examples:
  lblab load --rate 500 --duration 10
  lblab load --url http://127.0.0.1:8080/products --rate 500 --json

Exit code 3 when nothing answers, 4 when less could be sent than was asked for.`,
    )
    .action(
      run(async ({ output, settings, signal }, command) => {
        const { loadCommand } = await import("./load-command.ts");
        return loadCommand(command.opts<LoadFlags>(), {
          clock: systemClock,
          output,
          interrupted: signal,
          defaultUrl: `http://127.0.0.1:${basePortOf(settings)}/`,
        });
      }),
    );
}
