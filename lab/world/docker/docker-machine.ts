import type { Cancel, Clock } from "../../../runtime/clock.ts";
import { nodeHashing } from "../../../runtime/node-hashing.ts";
import { configFile } from "../../../lb/config/medium.ts";
import { createParser } from "../../../lb/config/parse-aside.ts";
import { createConfigStore } from "../../../lb/config/store.ts";
import type { ConfigInput, Topology } from "../../../scenarios/scenario.ts";
import { createAdminClient } from "../http/admin-client.ts";
import { importOverHttp } from "../http/import-sessions.ts";
import { createMachineWorld, type MachineWorld } from "../machine-world.ts";
import type { MonitoringEdges } from "../monitoring-client.ts";
import { HOST, type PortPlan } from "../ports.ts";
import { createRunKeys } from "../run-keys.ts";
import { accessLogPath, createAccessFeed } from "../run/access-feed.ts";
import { watchInstruments } from "../run/instrument-watch.ts";
import { createOutside } from "../run/outside.ts";
import type { RunDir } from "../run/run-dir.ts";
import { sightOfFiles } from "../run/sight-edges.ts";
import type { OutsideStep, World } from "../world.ts";
import { STATE_DIR } from "./compose-file.ts";
import { containerProcessState } from "./container-process.ts";
import { createContainerWatch, type ContainerWatch } from "./container-watch.ts";
import {
  addressesOf,
  containerised,
  HOST_SERVICE,
  insideContainer,
  type Addresses,
} from "./containerised.ts";
import type { DockerEngine } from "./engine.ts";
import { createDockerHost } from "./host.ts";
import type { ContainerIds } from "./launcher.ts";
import type { DockerPaths } from "./paths.ts";
import { relayUnit } from "./stack.ts";

export interface DockerMachineConfig {
  readonly plan: PortPlan;
  readonly seed: number;
  readonly image: string;
  readonly user: string;
}

export interface DockerMachineDeps {
  readonly clock: Clock;
  readonly runDir: RunDir;
  readonly paths: DockerPaths;
  readonly engine: DockerEngine;
  /** The containers that Compose made, by their units. */
  readonly ids: ContainerIds;
  readonly monitoring: MonitoringEdges;
  /** Calls back when this process goes on after it was stopped by a signal (SIGCONT). */
  readonly onContinued: (run: () => void) => Cancel;
}

/** A machine whose units run in containers. */
export interface DockerMachine {
  readonly world: MachineWorld;
  readonly host: ReturnType<typeof createDockerHost>;
  readonly containers: ContainerWatch;
  readonly watchOutside: NonNullable<World["watchOutside"]>;
  /** Names the containers of a topology, whose addresses configurations get from then on. */
  place(topology: Topology): void;
}

/** The machine of one run; its containers are made later. */
export function createDockerMachine(
  { plan, seed, image, user }: DockerMachineConfig,
  deps: DockerMachineDeps,
): DockerMachine {
  const { clock, runDir, paths, engine, ids, monitoring } = deps;
  const hostPorts = [plan.listener, plan.admin];
  let addresses: Addresses = { host: new Set(hostPorts), backends: new Map() };
  const host = createDockerHost(
    {
      hostPorts,
      unitsDir: paths.units,
      logsDir: runDir.paths.logs,
      image,
      user,
      keys: createRunKeys(),
      inside: (unit, given) => insideContainer(unit, given, addresses),
    },
    { clock, engine, ids },
  );
  const store = createConfigStore(configFile(paths.config), { clock, hashing: nodeHashing });
  const admin = createAdminClient(`${HOST}:${plan.admin}`, runDir.token);
  const { containers, own, ...watched } = watchOthers({ host, store, admin }, deps);
  const world = createMachineWorld({
    clock,
    plan,
    seed,
    host,
    admin,
    store,
    parse: createParser(clock),
    balancer: { configPath: `${STATE_DIR}/balancer.yaml`, tokenPath: `${STATE_DIR}/token`, seed },
    placed(given) {
      const inside = containerised(given, addresses, "the balancer's");
      return {
        ...inside,
        admin: { ...inside.admin, hosts: [`${HOST_SERVICE}:${plan.admin}`] },
      } as ConfigInput;
    },
    sight: sightOfFiles(runDir.paths.logs, paths.state),
    monitoring,
    alertsFrom: "relay",
    onRequests: createAccessFeed(accessLogPath(paths.state), clock),
    watchers: () => [relayUnit],
    importAt: importOverHttp,
    own,
    watchInstruments: watched.watchInstruments,
    foreignPrograms: async () => await foreignContainers(engine, ids),
  });
  return {
    world,
    host,
    containers,
    watchOutside: watched.watchOutside,
    place: (topology) => void (addresses = addressesOf(topology, hostPorts)),
  };
}

/** Watches what others do to the machine: to its processes and files, and by the engine's commands. */
function watchOthers(
  { host, store, admin }: Pick<Parameters<typeof createOutside>[0], "host" | "store" | "admin">,
  { clock, ids, paths, onContinued }: DockerMachineDeps,
) {
  const containers = createContainerWatch({ host });
  /** The state letter of a unit's process, which is a container's. */
  const stateOf = (pid: number): string | undefined => {
    const unit = host.units().find((one) => one.pid === pid);
    const id = unit && ids.get(unit.name);
    return id === undefined ? undefined : containerProcessState(pid, id);
  };
  const outside = createOutside({
    clock,
    host,
    admin,
    store,
    configPath: paths.config,
    stateOf,
    // Ports of a container's network are its own; a check names containers that join it.
    foreign: async () => [],
  });
  return {
    containers,
    own: outside.own,
    watchOutside: (run: (step: OutsideStep) => void) =>
      together([outside.watch(run), containers.watchOutside(run)]),
    watchInstruments: (report: (reason: string) => void) =>
      together([
        containers.watchInstruments(report),
        watchInstruments({ clock, host, stateOf, onContinued, report }),
      ]),
  };
}

const together =
  (cancels: readonly Cancel[]): Cancel =>
  () =>
    cancels.forEach((cancel) => cancel());

async function foreignContainers(
  engine: Pick<DockerEngine, "foreignPrograms">,
  ids: ContainerIds,
): Promise<readonly string[]> {
  const machine = ids.get(HOST_SERVICE);
  const names = machine === undefined ? [] : await engine.foreignPrograms(machine);
  return names.map((name) => `the container ${name}, none of this lab's, is in its network`);
}
