import { join } from "node:path";
import type { Cancel, Clock } from "../../runtime/clock.ts";
import type { Secret } from "../../runtime/secret.ts";
import { createLiveHost } from "../world/live/host.ts";
import { builtPrograms } from "../world/live/launcher.ts";
import { findSetpriv } from "../world/live/setpriv.ts";
import { createLiveWorld } from "../world/live/world.ts";
import { allPorts, type PortPlan } from "../world/ports.ts";
import { createRunKeys } from "../world/run-keys.ts";
import type { RunDir } from "../world/run/run-dir.ts";
import type { World } from "../world/world.ts";

export interface LiveLabConfig {
  /** Where the built programs are. */
  readonly dist: string;
  /** PATH of the processes. */
  readonly searchPath: string;
  /** URLs of further receivers of alerts: see `notify` in the evaluator's configuration. */
  readonly notify?: Readonly<Record<string, Secret>>;
  readonly plan: PortPlan;
  readonly seed: number;
}

export interface LiveLabDeps {
  readonly clock: Clock;
  readonly runDir: RunDir;
  /** Calls back when this process goes on after it was stopped by a signal (SIGCONT). */
  readonly onContinued: (run: () => void) => Cancel;
}

/** A world of processes of this machine, supervised by this process. */
export function createLiveLabWorld(
  { dist, searchPath, notify, plan, seed }: LiveLabConfig,
  { clock, runDir, onContinued }: LiveLabDeps,
): World {
  const host = createLiveHost(
    {
      ports: allPorts(plan),
      node: process.execPath,
      programs: builtPrograms(dist),
      supervisorPid: process.pid,
      searchPath,
      setpriv: findSetpriv(searchPath),
      keys: createRunKeys(),
    },
    { clock, runDir },
  );
  const dashboards = join(dist, "..", "dashboards");
  return createLiveWorld({ plan, seed, dashboards, notify }, { clock, runDir, host, onContinued });
}
