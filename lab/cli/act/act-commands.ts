import type { Command } from "commander";
import { readText, settingsFrom, versionOf } from "../arguments.ts";
import type { Runner } from "../context.ts";
import { CodedError } from "../../../runtime/errors.ts";
import { connect } from "../settings.ts";
import { act } from "./finish.ts";
import { checked } from "../balancer/balancer-commands.ts";
import {
  addAloneOptions,
  addCanaryCommands,
  addCanaryOptions,
  canaryOf,
  stepOn,
  type CanaryFlags,
} from "./canary.ts";
import { addPushOptions, addRolloutCommands, changed, pushHeaders, type PushFlags } from "./rollout.ts";
import { addUpstreamCommands } from "./upstream.ts";
import * as look from "../look/look.ts";

/** The action table: config, unit, package, change, upstream. */
export function addActCommands(program: Command, runner: Runner): void {
  addConfigCommands(program.command("config").description("the balancer's configuration"), runner);
  addUnitCommands(program.command("unit").description("the machine's units"), runner);
  const { acting } = runner;
  program
    .command("package")
    .description("installed packages")
    .command("uninstall <name>")
    .description("remove a package with its units")
    .action(acting(([name = ""]) => ({ do: "package uninstall", package: name })));
  program
    .command("change")
    .description("entries of the change log")
    .command("revert <id>")
    .description("take one change back")
    .action(acting(([id = ""]) => ({ do: "change revert", change: id })));
  addUpstreamCommands(
    program
      .command("upstream")
      .description("the balancer's upstreams, at run time: gone with its next start"),
    runner,
  );
}

interface ApplyFlags extends PushFlags, CanaryFlags {}

function addConfigCommands(config: Command, runner: Runner): void {
  const { run, onLab } = runner;
  config
    .command("show [version]")
    .description("the active configuration, or an earlier version")
    .action(onLab((parts, command) => look.showConfig(parts, versionOf(command.args[0]))));
  config
    .command("history")
    .description("every version, with author and reason")
    .action(onLab(look.showHistory));
  config
    .command("diff [from] [to]")
    .description("two versions; without any, the active one against the one before it")
    .action(
      onLab((parts, command) => look.showDiff(parts, versionOf(command.args[0]), versionOf(command.args[1]))),
    );
  config
    .command("check <file>")
    .description("whether the balancer would take this file, and what may be said against it")
    .option("--against <file>", "the configuration that it is to replace (default: the active one)")
    .option("--no-probe", "do not ask upstreams for what their health checks will ask for")
    .action(
      run((context, command) => {
        const { against, probe } = command.opts<{ against?: string; probe: boolean }>();
        const config = command.processedArgs[0] as string;
        return checked({ config, probe, ...(against === undefined ? {} : { against }) }, context);
      }),
    );
  const apply = config
    .command("apply <file>")
    .description("make this file the active configuration; - is standard input")
    .option("--reason <text>", "for the history")
    .option("--over <version>", "the version that it was made out of: refused when another one is active");
  addCanaryOptions(apply);
  addPushOptions(apply);
  apply.action(
    run((context, command) => {
      const { reason, over, admin, adminToken, emergency, environment, ...flags } =
        command.opts<ApplyFlags>();
      const file = command.processedArgs[0] as string;
      const canary = canaryOf(flags);
      const yaml = readText(file);
      if (canary === undefined && admin !== undefined)
        return changed(context.output, command.opts<ApplyFlags>(), {
          method: "PUT",
          path: "/config",
          body: yaml,
          headers: { "content-type": "application/yaml", ...pushHeaders(command.opts<ApplyFlags>()) },
        });
      if (emergency === true || environment !== undefined)
        throw new CodedError("USAGE", "--emergency and --environment go with --admin, and not with a canary");
      return stepOn(
        {
          do: "config apply",
          yaml,
          file,
          reason,
          over: versionOf(over),
          ...(canary !== undefined && { canary }),
        },
        { ...(admin !== undefined && { admin }), ...(adminToken !== undefined && { adminToken }) },
        context,
      );
    }),
  );
  addCanaryCommands(config, runner);
  addRolloutCommands(config, runner);
  const rollback = config
    .command("rollback [version]")
    .description(
      "back to an earlier version; without one, to the one before the active, and each time further back",
    )
    .option("--reason <text>", "with --admin: for the history");
  addAloneOptions(rollback);
  addPushOptions(rollback);
  rollback.action(
    run(({ output, settings, signal }, command) => {
      const flags = command.opts<PushFlags>();
      const version = versionOf(command.args[0]);
      const wanted = version === undefined ? {} : { version };
      if (flags.admin === undefined)
        return act({ client: connect(settings, signal), output }, { do: "config rollback", ...wanted });
      return changed(output, flags, {
        method: "POST",
        path: "/config/rollback",
        body: JSON.stringify(wanted),
        headers: { "content-type": "application/json", ...pushHeaders(flags) },
      });
    }),
  );
}

function addUnitCommands(unit: Command, { onLab, acting }: Runner): void {
  for (const verb of ["start", "stop", "restart", "kill", "enable", "disable"] as const)
    unit
      .command(`${verb} <unit>`)
      .description(
        verb === "kill"
          ? "SIGKILL to its process; its restart policy decides what follows"
          : `${verb} a unit`,
      )
      .action(acting(([name = ""]) => ({ do: `unit ${verb}`, unit: name })));
  unit
    .command("config <unit> [settings...]")
    .description(
      "change settings (capacity.queueLimit=100), in effect after its next restart; without any: show them",
    )
    .action(
      onLab(async (parts, command) => {
        const [name, settings] = command.processedArgs as [string, string[]];
        if (settings.length > 0)
          return act(parts, { do: "unit config", unit: name, set: settingsFrom(settings) });
        return parts.output.printJson(await parts.client.unitConfig({ unit: name }));
      }),
    );
}
