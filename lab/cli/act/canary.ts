import type { Command } from "commander";
import { CodedError, ERROR_CATALOGUE, EXIT } from "../../../runtime/errors.ts";
import type { CanaryWords } from "../../../lb/admin/canary-words.ts";
import type { CanaryStatus } from "../../../lb/config/rollout/canary.ts";
import type { Action } from "../../../scenarios/action.ts";
import { abortResult, canaryResult, configResult, type ConfigAnswer } from "../../world/config-answer.ts";
import type { ActionResult } from "../../world/action-result.ts";
import { createAdminClient } from "../../world/http/admin-client.ts";
import type { AdminClient } from "../../world/admin-client.ts";
import { readText } from "../arguments.ts";
import type { Context, Runner } from "../context.ts";
import { connect } from "../settings.ts";
import { act } from "./finish.ts";
import { addressOf } from "./upstream.ts";

/** A balancer that runs without a lab. */
export interface AloneFlags {
  readonly admin?: string;
  readonly adminToken?: string;
}

export interface CanaryFlags extends Omit<CanaryWords, "share"> {
  /** Its first share. */
  readonly canary?: string;
}

/** A plain `config apply` at a balancer that runs alone goes by `changed`. */
type CanaryStep = Extract<Action, { readonly do: "config apply" | "config promote" | "config abort" }>;

/** The options of `config apply` that make it a canary. */
export function addCanaryOptions(apply: Command): void {
  apply
    .option("--canary <share>", "try it on this part of the users, such as 10%, beside the active one")
    .option(
      "--step <share>",
      "what each step adds, up to half of the users (default: the configuration's, 10%)",
    )
    .option("--every <time>", "from one verdict to the next (default: the configuration's, 1m)")
    .option(
      "--bake <time>",
      "how long half of the users meet it before all do (default: the configuration's, 10m)",
    )
    .option("--user <key>", "what says whose a request is: cookie:NAME, header:NAME or peer")
    .option(
      "--inconclusive <n>",
      "inconclusive verdicts in a row that it may have (default: the configuration's, 10)",
    );
  addAloneOptions(apply);
}

export function addAloneOptions(command: Command): void {
  command
    .option("--admin <host:port>", "admin address of a balancer that runs without a lab")
    .option("--admin-token <file>", "its token, the file that it was started with");
}

/** promote, abort and canary. */
export function addCanaryCommands(config: Command, { run }: Runner): void {
  const ending = (verb: "promote" | "abort", about: string) => {
    const command = config.command(verb).description(about).option("--reason <text>", "for the log");
    addAloneOptions(command);
    command.action(
      run((context, command) => {
        const { reason, ...flags } = command.opts<AloneFlags & { reason?: string }>();
        return stepOn({ do: `config ${verb}`, ...(reason !== undefined && { reason }) }, flags, context);
      }),
    );
  };
  ending("promote", "the canary's version for all users, before it has baked");
  ending("abort", "end the canary: all users meet the active version");
  const show = config
    .command("canary")
    .description("the canary that runs, or the last one, and its verdicts");
  addAloneOptions(show);
  show.action(run((context, command) => showCanary(command.opts<AloneFlags>(), context)));
}

/** The canary's words; undefined without `--canary`. Throws USAGE for options that only a canary has. */
export function canaryOf(flags: CanaryFlags): CanaryWords | undefined {
  const { canary, step, every, bake, user, inconclusive } = flags;
  const words = Object.fromEntries(
    Object.entries({ step, every, bake, user, inconclusive }).filter(([, word]) => word !== undefined),
  );
  if (canary !== undefined) return { share: canary, ...words };
  const [first] = Object.keys(words);
  if (first === undefined) return undefined;
  throw new CodedError("USAGE", `--${first} belongs to a canary`, { hint: "say --canary 10%, for example" });
}

/** Through the lab, or with `--admin` at a balancer that runs alone. */
export async function stepOn(
  step: CanaryStep,
  { admin, adminToken }: AloneFlags,
  { output, settings, signal }: Pick<Context, "output" | "settings" | "signal">,
): Promise<number> {
  if (admin === undefined) return act({ client: connect(settings, signal), output }, step);
  if (adminToken === undefined)
    throw new CodedError("USAGE", "--admin-token is missing: a balancer takes no changes without its token");
  const result = await at(createAdminClient(addressOf(admin), readText(adminToken).trim()), step);
  if (!result) throw noAnswer(admin);
  if (output.json) output.printJson({ schemaVersion: 1, ...result });
  else (result.ok ? output.print : output.note)(result.message);
  if (result.ok) return EXIT.ok;
  return result.code === undefined ? EXIT.notSolved : ERROR_CATALOGUE[result.code];
}

async function at(client: AdminClient, step: CanaryStep): Promise<ActionResult | undefined> {
  const author = "admin";
  const as = (answer: ConfigAnswer | undefined, result: (answer: ConfigAnswer) => ActionResult) =>
    answer && result(answer);
  if (step.do !== "config apply")
    return as(await client.endCanary(step, author), (answer) =>
      step.do === "config abort" ? abortResult(answer) : configResult(answer, ""),
    );
  if (step.over !== undefined) throw new CodedError("USAGE", "--over goes with a lab, and not with --admin");
  const { yaml, file = "configuration", reason = "by hand", canary = {} } = step;
  return as(await client.canary(yaml, { author, reason }, canary), (answer) => canaryResult(answer, file));
}

async function showCanary(
  { admin }: AloneFlags,
  { output, settings, signal }: Pick<Context, "output" | "settings" | "signal">,
): Promise<number> {
  const status =
    admin === undefined
      ? (await connect(settings, signal).rollout()).balancer?.canary
      : await createAdminClient(addressOf(admin), "").canaryStatus();
  if (status === undefined) throw noAnswer(admin ?? "the lab's admin address");
  if (output.json) output.printJson({ schemaVersion: 1, canary: status });
  else output.print(status === null ? "there was no canary" : canaryText(status));
  return EXIT.ok;
}

const noAnswer = (admin: string) => new CodedError("ENVIRONMENT", `no balancer answers on ${admin}`);

/** A canary as lines for people: what it is, then its verdicts. */
export function canaryText({
  version,
  stableVersion,
  phase,
  share,
  judgements,
  ended,
}: CanaryStatus): string {
  const head = ended
    ? `version ${version} was ${phase} (${ended.why}, by ${ended.by}): ${ended.message}`
    : `version ${version} is ${phase} beside version ${stableVersion}: ${Math.round(1000 * share) / 10} % of the users meet it`;
  const verdicts = judgements.map(
    ({ at, share, verdict, reasons }) =>
      `${new Date(at).toISOString()} ${Math.round(100 * share)} % ${verdict}: ${reasons.map(({ message }) => message).join("; ")}`,
  );
  return [head, ...verdicts].join("\n");
}
