import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { changeLogOf } from "../../../lb/config/rollout/change-log.ts";
import { CodedError, EXIT, messageOf } from "../../../runtime/errors.ts";
import { systemClock } from "../../../runtime/clock.ts";
import { readText, secondsOf } from "../arguments.ts";
import type { Context, Runner } from "../context.ts";
import type { Output } from "../output.ts";
import { askBalancer, type BalancerRequest } from "./ask-balancer.ts";
import { addAloneOptions, type AloneFlags } from "./canary.ts";

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

/** Gives a command the options for a balancer that runs without a lab, and its body. */
type Alone = (
  command: Command,
  body: (flags: RolloutFlags, args: readonly string[], output: Output) => Promise<number>,
) => void;

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

/** Review, freeze, audit and the change log, of a balancer that runs without a lab. */
export function addRolloutCommands(config: Command, { run }: Runner): void {
  const alone: Alone = (command, body) => {
    addAloneOptions(command);
    command.action(
      run(({ output }: Context, given) =>
        body(given.opts<RolloutFlags>(), given.processedArgs as string[], output),
      ),
    );
  };

  const propose = config
    .command("propose <file>")
    .description("hand a configuration to a reviewer; - is standard input")
    .option("--reason <text>", "for the reviewer and the history")
    .option("--over <version>", "the version that it was made out of: refused when another one is active")
    .option("--environment <name>", "the environment that it is meant for");
  alone(propose, (flags, [file = ""], output) =>
    changed(output, flags, {
      method: "POST",
      path: "/config/proposal",
      body: readText(file),
      headers: { "content-type": "application/yaml", ...pushHeaders(flags) },
    }),
  );
  const proposal = config
    .command("proposal")
    .description("the proposal that waits, against what is in force");
  alone(proposal, async (flags, _args, output) => {
    const path = output.json ? "/config/proposal" : "/config/proposal/diff";
    return printed(output, await askBalancer(flags, { path }));
  });
  for (const verb of ["approve", "reject"] as const)
    alone(
      config
        .command(`${verb} <id>`)
        .description(
          verb === "approve"
            ? "put a proposal in force; not one's own"
            : "end a proposal, or take an own one back",
        )
        .option("--reason <text>", "for the change log"),
      (flags, [id = ""], output) =>
        changed(output, flags, {
          method: "POST",
          path: `/config/proposal/${encodeURIComponent(id)}/${verb}`,
          headers: pushHeaders(flags),
        }),
    );
  alone(
    config
      .command("freeze")
      .description("refuse changes, but for emergencies and for putting back what has served well")
      .requiredOption("--reason <text>", "why")
      .option("--for <duration>", "such as 30m or 8h (default: until it is thawed)")
      .option("--until <time>", "ISO 8601, such as 2026-12-01T08:00:00Z"),
    (flags, _args, output) => {
      const body = JSON.stringify({ reason: flags.reason, ...untilOf(flags) });
      return changed(output, flags, { method: "POST", path: "/config/freeze", body, headers: JSON_BODY });
    },
  );
  alone(
    config.command("thaw").description("end a freeze").option("--reason <text>", "for the change log"),
    (flags, _args, output) => {
      const { reason } = flags;
      const body = JSON.stringify(reason === undefined ? {} : { reason });
      return changed(output, flags, { method: "POST", path: "/config/thaw", body, headers: JSON_BODY });
    },
  );
  addAudit(config, alone);
  addLog(config, alone);
}

interface AuditAnswer {
  readonly drift: readonly string[];
  readonly findings: readonly { readonly text: string }[];
  readonly fault: string | null;
}

function addAudit(config: Command, alone: Alone): void {
  const audit = config
    .command("audit")
    .description("compare what runs with its file and what was reviewed, and lint it")
    .option("--last", "what the last audit found, without making one");
  alone(audit, async (flags, _args, output) => {
    const method = flags.last === true ? "GET" : "POST";
    const text = await askBalancer(flags, { method, path: "/config/audit" });
    const { drift, findings, fault } = JSON.parse(text) as AuditAnswer;
    const lines = [...drift, ...(fault === null ? [] : [fault]), ...findings.map((one) => one.text)];
    if (output.json) output.printJson({ schemaVersion: 1, ...(JSON.parse(text) as object) });
    else output.print(lines.length === 0 ? "nothing was found" : lines.join("\n"));
    return lines.length === 0 ? EXIT.ok : EXIT.notSolved;
  });
}

function addLog(config: Command, alone: Alone): void {
  const log = config
    .command("log")
    .description("the change log: who did what to the configuration, a line each")
    .option("--verify", "only say whether its chain is whole")
    .option("--file <file>", "of this file, FILE.changes.ndjson beside a configuration, without a balancer");
  alone(log, async ({ verify, file, ...flags }, _args, output) => {
    const text = file === undefined ? await askBalancer(flags, { path: "/config/log" }) : fileText(file);
    if (verify === true) return verified(text, output);
    return printed(output, text.trimEnd());
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

function untilOf(flags: RolloutFlags): { readonly until?: string } {
  if (flags.for !== undefined && flags.until !== undefined)
    throw new CodedError("USAGE", "--for and --until say the same: give one");
  if (flags.for !== undefined)
    return { until: new Date(systemClock.wall() + 1000 * secondsOf(flags.for)).toISOString() };
  return flags.until === undefined ? {} : { until: flags.until };
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
