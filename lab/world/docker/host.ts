import type { Clock } from "../../../runtime/clock.ts";
import type { Host, PortView, UnitDefinition, UnitView } from "../host.ts";
import { createMachine } from "../machine.ts";
import { MACHINE_GRACE_MS } from "../timings.ts";
import { boundLogs } from "../run/log-bound.ts";
import type { DockerEngine } from "./engine.ts";
import { createDockerLauncher, type ContainerIds, type DockerLauncherConfig } from "./launcher.ts";

export interface DockerHostConfig extends DockerLauncherConfig {
  /** Ports of the balancer's machine that `ports()` reports. */
  readonly hostPorts: readonly number[];
}

export interface DockerHostDeps {
  readonly clock: Clock;
  readonly engine: DockerEngine;
  readonly ids: ContainerIds;
}

/** A dozen containers start at once, and the engine's own time comes on top of each program's. */
const START_TIMEOUT_MS = 30_000;
const LISTENING = "dist/lab/world/docker/listening.js";

/** Containers as the lab's machine: units start and end in them, and those on the balancer's machine share its ports. */
export function createDockerHost(config: DockerHostConfig, { clock, engine, ids }: DockerHostDeps): Host {
  const machine = createMachine({ clock, launch: createDockerLauncher(config, { clock, engine, ids }) });
  const stopBounds = boundLogs(config.logsDir, clock);
  let disposed: Promise<void> | undefined;

  /** A container that shares the machine's network has to be asked from within. */
  async function listening({ name }: UnitView): Promise<readonly PortView[]> {
    const id = ids.get(name);
    if (id === undefined) return [];
    try {
      const said = await engine.run(id, ["node", LISTENING, ...config.hostPorts.map(String)]);
      const found = JSON.parse(said) as readonly { port: number; name: string }[];
      const pid = await engine.pid(id);
      return found.map(({ port, name: program }) => ({ port, pid, program, unit: name }));
    } catch {
      return []; // ended while it was asked
    }
  }

  function ownPort({ name, pid, state }: UnitView): readonly PortView[] {
    const port = machine.unit(name)?.config["port"];
    if (typeof port !== "number" || state !== "active") return [];
    return [{ port, pid, program: "node", unit: name }];
  }

  const patient = (definition: UnitDefinition): UnitDefinition => ({
    startTimeoutMs: START_TIMEOUT_MS,
    ...definition,
  });

  return {
    ...machine,
    add: (definition) => machine.add(patient(definition)),
    install: (definition) => machine.install({ ...definition, units: definition.units.map(patient) }),
    async ports() {
      const units = machine.units().filter(({ state }) => state === "active" || state === "activating");
      const isOnHost = ({ program, owner }: UnitView): boolean =>
        program === "balancer" || owner !== undefined;
      const found = await Promise.all(
        units.map((unit) => (isOnHost(unit) ? listening(unit) : Promise.resolve(ownPort(unit)))),
      );
      const held = new Map(found.flat().map((view) => [view.port, view]));
      const nobody = (port: number): PortView => ({
        port,
        pid: undefined,
        program: undefined,
        unit: undefined,
      });
      return [
        ...config.hostPorts.map((port) => held.get(port) ?? nobody(port)),
        ...[...held.values()].filter(({ port }) => !config.hostPorts.includes(port)),
      ];
    },
    dispose: () =>
      (disposed ??= machine.retire(MACHINE_GRACE_MS).then(() => {
        stopBounds();
      })),
  };
}
