import { sleep, type Clock } from "../../../runtime/clock.ts";
import { portHolders, foreignProgramsOn, type ForeignProgram } from "../../../runtime/port-holder.ts";
import type { Host } from "../host.ts";
import { createMachine } from "../machine.ts";
import { MACHINE_GRACE_MS } from "../timings.ts";
import { createLauncher, type LauncherConfig } from "./launcher.ts";
import { boundLogs } from "../run/log-bound.ts";
import type { RunDir } from "../run/run-dir.ts";

export interface LiveHostConfig extends LauncherConfig {
  /** The ports that `ports()` reports. */
  readonly ports: readonly number[];
}

export interface LiveHost extends Host {
  /** What listens on these ports of this computer, on any address, and is neither a unit nor the supervisor. */
  foreignPrograms(ports: readonly number[]): Promise<readonly ForeignProgram[]>;
}

/** A process that even SIGKILL does not end at once is left behind. */
const GIVE_UP_MS = MACHINE_GRACE_MS + 800;

/** This computer as the lab's machine: units are child processes, ports are real. */
export function createLiveHost(
  config: LiveHostConfig,
  { clock, runDir }: { readonly clock: Clock; readonly runDir: RunDir },
): LiveHost {
  const machine = createMachine({ clock, launch: createLauncher(config, runDir) });
  // The units' own output, and what they write in their working directory: the access log.
  const bounds = [runDir.paths.logs, runDir.paths.root].map((dir) => boundLogs(dir, clock));
  let disposed: Promise<void> | undefined;

  async function dispose(): Promise<void> {
    const gone = new AbortController();
    // A process that even SIGKILL does not end at once must not delay the end; the run directory records it.
    const graceMs = sleep(clock, GIVE_UP_MS, gone.signal).catch(() => {});
    await Promise.race([machine.retire(MACHINE_GRACE_MS), graceMs]);
    gone.abort();
    bounds.forEach((stop) => stop());
  }

  return {
    ...machine,
    async ports() {
      const unitOf = new Map(machine.units().map((unit) => [unit.pid, unit.name]));
      const pids = [...unitOf.keys()].filter((pid) => pid !== undefined);
      const holders = await portHolders(config.ports, [...pids, config.supervisorPid]);
      return config.ports.map((port) => {
        const holder = holders.get(port);
        return { port, pid: holder?.pid, program: holder?.name, unit: holder && unitOf.get(holder.pid) };
      });
    },
    foreignPrograms: (ports) =>
      foreignProgramsOn(ports, () => [
        config.supervisorPid,
        ...machine.units().flatMap(({ pid }) => (pid === undefined ? [] : [pid])),
      ]),
    dispose: () => (disposed ??= dispose()),
  };
}
