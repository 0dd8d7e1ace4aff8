import type { Command } from "commander";
import { CodedError, ERROR_CATALOGUE, EXIT } from "../../../runtime/errors.ts";
import type { UpstreamAction } from "../../../scenarios/action.ts";
import { createAdminClient } from "../../world/http/admin-client.ts";
import { readText, weightOf } from "../arguments.ts";
import type { AloneFlags } from "./canary.ts";
import { act } from "./finish.ts";
import type { Context, Runner } from "../context.ts";
import type { Output } from "../output.ts";
import { connect } from "../settings.ts";

interface UpstreamFlags extends AloneFlags {
  readonly reason?: string;
  readonly emergency?: boolean;
}

/** drain, enable and weight: of the lab's balancer, or with `--admin` of one that runs alone. */
export function addUpstreamCommands(upstream: Command, { run }: Runner): void {
  const changing = (step: (args: readonly string[]) => UpstreamAction) =>
    run((context, command) =>
      change(step(command.processedArgs as string[]), command.opts<UpstreamFlags>(), context),
    );
  const verbs = [
    upstream
      .command("drain <name>")
      .description("finish what is in flight, take no new requests")
      .action(changing(([name = ""]) => ({ do: "upstream drain", upstream: name }))),
    upstream
      .command("enable <name>")
      .description("take requests again")
      .action(changing(([name = ""]) => ({ do: "upstream enable", upstream: name }))),
    upstream
      .command("weight <name> <weight>")
      .description("0 to 256")
      .action(
        changing(([name = "", weight = ""]) => ({
          do: "upstream weight",
          upstream: name,
          weight: weightOf(weight),
        })),
      ),
  ];
  for (const verb of verbs)
    verb
      .option("--admin <host:port>", "admin address of a balancer that runs without a lab")
      .option("--admin-token <file>", "its token, the file that it was started with")
      .option("--reason <text>", "with --admin: for the log")
      .option("--emergency", "with --admin: past review and freeze; needs --reason")
      .addHelpText(
        "after",
        `\nExample:\n  lblab upstream ${verb.name()} web-1${verb.name() === "weight" ? " 5" : ""}` +
          ` --admin 127.0.0.1:8404 --admin-token token\n`,
      );
}

function change(
  step: UpstreamAction,
  flags: UpstreamFlags,
  { output, settings, signal }: Context,
): Promise<number> {
  const { admin, reason, emergency } = flags;
  if (admin !== undefined) return changeAlone(step, { ...flags, admin }, output);
  if (reason !== undefined || emergency === true)
    throw new CodedError("USAGE", "--reason and --emergency go with --admin");
  return act({ client: connect(settings, signal), output }, step);
}

/** Changes an upstream of a balancer that runs without a lab. Throws USAGE without a token, ENVIRONMENT without an answer. */
export async function changeAlone(
  step: UpstreamAction,
  { admin, adminToken, reason, emergency = false }: UpstreamFlags & { readonly admin: string },
  output: Pick<Output, "json" | "print" | "printJson" | "note">,
): Promise<number> {
  if (adminToken === undefined)
    throw new CodedError("USAGE", "--admin-token is missing: a balancer takes no changes without its token");
  const client = createAdminClient(addressOf(admin), readText(adminToken).trim());
  const result = await client.upstream(step, { emergency, ...(reason !== undefined && { reason }) });
  if (!result) throw new CodedError("ENVIRONMENT", `no balancer answers on ${admin}`);
  if (output.json) output.printJson({ schemaVersion: 1, ...result });
  else (result.ok ? output.print : output.note)(result.message);
  if (result.ok) return EXIT.ok;
  return result.code === undefined ? EXIT.notSolved : ERROR_CATALOGUE[result.code];
}

/** HOST:PORT of an admin interface. Throws USAGE. */
export function addressOf(text: string): string {
  const address = text.replace(/^http:\/\//, "").replace(/\/$/, "");
  if (/^(?:\[[\da-f:]+\]|[\w.-]+):\d{1,5}$/i.test(address)) return address;
  throw new CodedError("USAGE", `--admin: an address is written like 127.0.0.1:8404, not "${text}"`);
}
