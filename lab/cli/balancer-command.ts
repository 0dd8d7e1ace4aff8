import { existsSync, readFileSync } from "node:fs";
import type { Clock } from "../../runtime/clock.ts";
import { CodedError, EXIT, messageOf } from "../../runtime/errors.ts";
import { createLog } from "../../runtime/log.ts";
import { portHolder } from "../../runtime/port-holder.ts";
import { seeded } from "../../runtime/random.ts";
import { aborted } from "../../runtime/unit-process.ts";
import { BindFailure } from "../../lb/bind-failure.ts";
import { formatFault, parseBalancerConfig } from "../../lb/config/parse.ts";
import { startBalancer, type RunningBalancer } from "../../lb/process.ts";
import { createOutput, type Output } from "./output.ts";

export interface BalancerFlags {
  /** Path of the YAML file. */
  readonly config: string;
  /** Only say whether the file is good. */
  readonly check?: boolean;
  readonly json: boolean;
  /** File with the token for changes through the admin interface, for its owner only. */
  readonly adminToken?: string;
}

export interface BalancerCommandDeps {
  readonly clock: Clock;
  /** Aborted when the balancer should end. */
  readonly signal: AbortSignal;
  /** Registers what SIGHUP does. */
  readonly onReload?: (run: () => void) => void;
}

/** How long what is in flight may take to end. */
const STOP_MS = 10_000;

/** The balancer alone, in the foreground, until the signal. Throws PORT_IN_USE and says who holds the port. */
export async function balancerCommand(flags: BalancerFlags, deps: BalancerCommandDeps): Promise<number> {
  const output = createOutput({ json: flags.json });
  if (!existsSync(flags.config)) throw new CodedError("USAGE", `there is no file ${flags.config}`);
  if (flags.check === true) return checkConfig(flags.config, output);
  const balancer = await start(flags, deps);
  deps.onReload?.(() => void balancer.reload());
  const { version, adminPort } = balancer;
  if (output.json) output.printJson({ schemaVersion: 1, version, ports: balancer.ports(), adminPort });
  else output.note(servingText(balancer));
  await aborted(deps.signal);
  output.note("stopping; what is in flight may end");
  await balancer.stop(STOP_MS);
  return EXIT.ok;
}

function checkConfig(path: string, output: Output): number {
  const parsed = parseBalancerConfig(readConfig(path), path);
  const faults = parsed.ok ? [] : parsed.faults;
  if (output.json) output.printJson({ schemaVersion: 1, ok: parsed.ok, file: path, faults });
  else if (parsed.ok) output.print(`OK ${path}`);
  else output.note(faults.map(formatFault).join("\n"));
  return parsed.ok ? EXIT.ok : EXIT.usage;
}

function readConfig(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new CodedError("USAGE", `${path}: ${messageOf(error)}`, { cause: error });
  }
}

async function start(
  { config, adminToken }: BalancerFlags,
  { clock }: BalancerCommandDeps,
): Promise<RunningBalancer> {
  try {
    return await startBalancer(
      { configPath: config, ...(adminToken === undefined ? {} : { adminTokenPath: adminToken }) },
      { clock, random: seeded(clock.wall()), log: createLog("balancer", 2) },
    );
  } catch (error) {
    throw error instanceof BindFailure && error.system === "EADDRINUSE" ? await inUse(error, config) : error;
  }
}

async function inUse({ bind, path }: BindFailure, file: string): Promise<CodedError> {
  const holder = await portHolder(Number(bind.slice(bind.lastIndexOf(":") + 1)));
  const who = holder
    ? `${holder.name} (pid ${holder.pid}): ${holder.command}`
    : "a process that cannot be seen";
  return new CodedError("PORT_IN_USE", `${bind} is in use by ${who}`, {
    hint: `stop it, or give ${path[0] === "admin" ? "admin.bind" : "the listener's bind"} in ${file} another port`,
  });
}

function servingText(balancer: RunningBalancer): string {
  const listeners = Object.entries(balancer.ports()).map(([name, port]) => `${name} on port ${port}`);
  return `version ${balancer.version} serves: ${listeners.join(", ")}; admin on port ${balancer.adminPort}`;
}
