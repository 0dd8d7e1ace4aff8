import { parseAddress } from "../../../lb/address.ts";
import { existsSync } from "node:fs";
import type { Clock } from "../../../runtime/clock.ts";
import { CodedError, EXIT } from "../../../runtime/errors.ts";
import { createLog } from "../../../runtime/process-log.ts";
import type { LogLevel } from "../../../runtime/log-level.ts";
import { portHolder } from "../../../runtime/port-holder.ts";
import { seeded } from "../../../runtime/random.ts";
import { aborted } from "../../../runtime/aborted.ts";
import { createReloads } from "../../../runtime/unit-process.ts";
import { BindFailure } from "../../../lb/listener/bind-failure.ts";
import { startBalancer, type RunningBalancer } from "../../../lb/process.ts";
import { createOutput } from "../output.ts";

export interface BalancerFlags {
  /** Path of the YAML file. */
  readonly config: string;
  readonly json: boolean;
  /** File with the token for changes through the admin interface, for its owner only. */
  readonly adminToken?: string;
  /** Overrides the configuration's. */
  readonly logLevel?: LogLevel | undefined;
  /** Why the file is served past every guard; absent: the guards count. */
  readonly emergency?: string;
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
  const reloads = createReloads();
  deps.onReload?.(() => reloads.ask());
  const balancer = await start(flags, deps);
  reloads.serve(() => void balancer.reload());
  const { version, adminPort } = balancer;
  if (output.json) output.printJson({ schemaVersion: 1, version, ports: balancer.ports(), adminPort });
  else output.note(servingText(balancer));
  await aborted(deps.signal);
  output.note("stopping; what is in flight may end");
  await balancer.stop(STOP_MS);
  return EXIT.ok;
}

async function start(
  { config, adminToken, logLevel, emergency }: BalancerFlags,
  { clock }: BalancerCommandDeps,
): Promise<RunningBalancer> {
  try {
    return await startBalancer(
      { configPath: config, ...(adminToken === undefined ? {} : { adminTokenPath: adminToken }) },
      { clock, random: seeded(clock.wall()), log: createLog("balancer", 2), logLevel, emergency },
    );
  } catch (error) {
    throw error instanceof BindFailure && error.system === "EADDRINUSE" ? await inUse(error, config) : error;
  }
}

async function inUse({ bind, path }: BindFailure, file: string): Promise<CodedError> {
  const holder = await portHolder(parseAddress(bind).port);
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
