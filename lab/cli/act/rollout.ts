import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { changeLogOf } from "../../../lb/config/rollout/change-log.ts";
import { CodedError, EXIT, messageOf } from "../../../runtime/errors.ts";
import { systemClock } from "../../../runtime/clock.ts";
import { readText, secondsOf, versionOf } from "../arguments.ts";
import type { Context, Runner } from "../context.ts";
import type { Output } from "../output.ts";
import { connect } from "../settings.ts";
import { askBalancer, type BalancerRequest } from "./ask-balancer.ts";
import { addAloneOptions, type AloneFlags } from "./canary.ts";
import { act, type Finish } from "./finish.ts";
import { auditInLab, proposalInLab, showAudit, type AuditLines } from "./rollout-in-lab.ts";

/** How a change is asked for past, or within, the guards. */
export interface PushFlags extends AloneFlags {
  readonly reason?: string;
  readonly over?: string;
  readonly environment?: string;
  readonly emergency?: boolean;
}

/** The options of all commands here. */
interface RolloutFlags extends PushFlags {
  readonly for?: string;
  readonly until?: string;
  readonly last?: boolean;
  readonly verify?: boolean;
  readonly file?: string;
}

/** What a command does: with `--admin` at a balancer that runs without a lab, and in a lab. */
interface Bodies {
  alone(flags: RolloutFlags, args: readonly string[], output: Output): Promise<number>;
  /** Absent: a lab has no such thing. */
  inLab?(flags: RolloutFlags, args: readonly string[], finish: Finish): Promise<number>;
}

type Add = (command: Command, bodies: Bodies) => void;

const JSON_BODY = { "content-type": "application/json" };

export function addPushOptions(command: Command): void {
  command
    .option("--environment <name>", "with --admin: the environment that it is meant for")
    .option("--emergency", "with --admin: past review, freeze, lint and environment; needs --reason");
}

export function pushHeaders({ reason, over, environment, emergency }: PushFlags): Record<string, string> {
  return {
    ...(reason !== undefined && { "x-reason": encodeURIComponent(reason) }),
    ...(over !== undefined && { "if-match": `"${over}"` }),
    ...(environment !== undefined && { "x-environment": encodeURIComponent(environment) }),
    ...(emergency === true && { "x-emergency": "true" }),
  };
}

/** Review, freeze, audit and the change log. */
export function addRolloutCommands(config: Command, { run }: Runner): void {
  const add: Add = (command, { alone, inLab }) => {
    addAloneOptions(command);
    command.action(
      run(({ output, settings, signal }: Context, given) => {
        const [flags, args] = [given.opts<RolloutFlags>(), given.processedArgs as string[]];
        return inLab && flags.admin === undefined
          ? inLab(flags, args, { client: connect(settings, signal), output })
          : alone(flags, args, output);
      }),
    );
  };
  addReview(config, add);
  addFreeze(config, add);
  addAudit(config, add);
  addLog(config, add);
}

function addReview(config: Command, add: Add): void {
  const propose = config
    .command("propose <file>")
    .description("hand a configuration to a reviewer; - is standard input")
    .option("--reason <text>", "for the reviewer and the history")
    .option("--over <version>", "the version that it was made out of: refused when another one is active")
    .option("--environment <name>", "with --admin: the environment that it is meant for");
  add(propose, {
    alone: (flags, [file = ""], output) =>
      changed(output, flags, {
        method: "POST",
        path: "/config/proposal",
        body: readText(file),
        headers: { "content-type": "application/yaml", ...pushHeaders(flags) },
      }),
    inLab: ({ reason, over, environment }, [file = ""], finish) => {
      if (environment !== undefined) throw new CodedError("USAGE", "--environment goes with --admin");
      const yaml = readText(file);
      return act(finish, { do: "config propose", yaml, file, reason, over: versionOf(over) });
    },
  });
  const proposal = config
    .command("proposal")
    .description("what waits for a reviewer: a proposal against what is in force, and what measures hold");
  add(proposal, {
    async alone(flags, _args, output) {
      const path = output.json ? "/config/proposal" : "/config/proposal/diff";
      return printed(output, await askBalancer(flags, { path }));
    },
    inLab: (_flags, _args, finish) => proposalInLab(finish),
  });
  for (const verb of ["approve", "reject"] as const)
    add(
      config
        .command(`${verb} <id>`)
        .description(
          verb === "approve"
            ? "let a proposal, or a change that a measure holds, take effect; not one's own"
            : "end a proposal, or a change that a measure holds, or take an own proposal back",
        )
        .option("--reason <text>", "for the change log"),
      {
        alone: (flags, [id = ""], output) =>
          changed(output, flags, {
            method: "POST",
            path: `/config/proposal/${encodeURIComponent(id)}/${verb}`,
            headers: pushHeaders(flags),
          }),
        inLab: ({ reason }, [id = ""], finish) =>
          act(finish, { do: `config ${verb}`, proposal: id, ...(reason !== undefined && { reason }) }),
      },
    );
}

function addFreeze(config: Command, add: Add): void {
  add(
    config
      .command("freeze")
      .description("refuse changes, but for emergencies and for putting back what has served well")
      .requiredOption("--reason <text>", "why")
      .option("--for <duration>", "such as 30m or 8h (default: until it is thawed)")
      .option("--until <time>", "ISO 8601, such as 2026-12-01T08:00:00Z"),
    {
      alone(flags, _args, output) {
        const until = untilOf(flags);
        const body = JSON.stringify({
          reason: flags.reason,
          ...(until !== undefined && { until: new Date(until).toISOString() }),
        });
        return changed(output, flags, { method: "POST", path: "/config/freeze", body, headers: JSON_BODY });
      },
      inLab(flags, _args, finish) {
        const until = untilOf(flags);
        const seconds = until === undefined ? {} : { seconds: (until - systemClock.wall()) / 1000 };
        return act(finish, { do: "config freeze", reason: flags.reason ?? "", ...seconds });
      },
    },
  );
  add(config.command("thaw").description("end a freeze").option("--reason <text>", "for the change log"), {
    alone(flags, _args, output) {
      const { reason } = flags;
      const body = JSON.stringify(reason === undefined ? {} : { reason });
      return changed(output, flags, { method: "POST", path: "/config/thaw", body, headers: JSON_BODY });
    },
    inLab: ({ reason }, _args, finish) =>
      act(finish, { do: "config thaw", ...(reason !== undefined && { reason }) }),
  });
}

function addAudit(config: Command, add: Add): void {
  const audit = config
    .command("audit")
    .description("compare what runs with its file and what was reviewed, and lint it")
    .option("--last", "with --admin: what the last audit found, without making one");
  add(audit, {
    async alone(flags, _args, output) {
      const method = flags.last === true ? "GET" : "POST";
      const text = await askBalancer(flags, { method, path: "/config/audit" });
      return showAudit(output, JSON.parse(text) as AuditLines);
    },
    inLab(flags, _args, finish) {
      if (flags.last === true) throw new CodedError("USAGE", "--last goes with --admin");
      return auditInLab(finish);
    },
  });
}

function addLog(config: Command, add: Add): void {
  const log = config
    .command("log")
    .description("the change log: who did what to the configuration, a line each")
    .option("--verify", "only say whether its chain is whole")
    .option("--file <file>", "of this file, FILE.changes.ndjson beside a configuration, without a balancer");
  add(log, {
    async alone({ verify, file, ...flags }, _args, output) {
      const text = file === undefined ? await askBalancer(flags, { path: "/config/log" }) : fileText(file);
      if (verify === true) return verified(text, output);
      return printed(output, text.trimEnd());
    },
  });
}

/** Exit code 4 when the chain is broken. */
function verified(text: string, output: Output): number {
  const { lines, head, damage, torn } = changeLogOf(text);
  const whole = damage === undefined;
  if (output.json)
    output.printJson({ schemaVersion: 1, lines: lines.length, head, whole, damage: damage ?? null, torn });
  else if (damage) output.note(`line ${damage.line}: ${damage.reason}`);
  else
    output.print(
      `${lines.length} lines, their chain is whole${head === null ? "" : `; head ${head}`}${torn ? "; a last line was cut off, and never counted" : ""}`,
    );
  return whole ? EXIT.ok : EXIT.notSolved;
}

function fileText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new CodedError("USAGE", `${path}: ${messageOf(error)}`, { cause: error });
  }
}

/** The end of a freeze in epoch milliseconds; undefined: until it is thawed. Throws USAGE. */
function untilOf(flags: RolloutFlags): number | undefined {
  if (flags.for !== undefined && flags.until !== undefined)
    throw new CodedError("USAGE", "--for and --until say the same: give one");
  if (flags.for !== undefined) return systemClock.wall() + 1000 * secondsOf(flags.for);
  if (flags.until === undefined) return undefined;
  const until = Date.parse(flags.until);
  if (Number.isNaN(until))
    throw new CodedError("USAGE", `--until is a time such as 2026-12-01T08:00:00Z, and not ${flags.until}`);
  return until;
}

/** Asks for a change, and prints what came of it. */
export async function changed(output: Output, flags: AloneFlags, request: BalancerRequest): Promise<number> {
  const answer = JSON.parse(await askBalancer(flags, request)) as Record<string, unknown>;
  if (output.json) output.printJson({ schemaVersion: 1, ...answer });
  else output.print(doneText(answer));
  return EXIT.ok;
}

function doneText(answer: Record<string, unknown>): string {
  const { message, version, id, until, reason, findings = [] } = answer;
  const found = (findings as readonly { readonly text: string }[]).map(({ text }) => text);
  if (typeof message === "string") return message;
  if (typeof version === "number") return [`version ${version} is active`, ...found].join("\n");
  if (typeof id === "number") return [`proposal ${id}: ${String(reason)}`, ...found].join("\n");
  return `changes are frozen ${typeof until === "string" ? `until ${until}` : "until they are thawed"}`;
}

function printed(output: Output, text: string): number {
  output.print(text);
  return EXIT.ok;
}
