import type Docker from "dockerode";
import { watchContainers, type ContainerEvent, type EngineWatch } from "./container-events.ts";
import { followContainer, outputOf, type ContainerStream } from "./container-stream.ts";
import type { DockerClient } from "./docker-client.ts";
import { removeLabelled } from "./leftovers.ts";
import { containerOptions, type NewContainer } from "./new-container.ts";
import { RUN_LABEL, UNIT_LABEL, type RunMark } from "./run-mark.ts";

/** A container of this run. It is always addressed by its full id, never by a name that another may have. */
export interface RunContainer {
  readonly id: string;
  readonly unit: string;
  readonly state: string;
}

/** A Docker engine as far as one run of the lab may touch it: containers that carry the run's label. */
export interface DockerEngine {
  containers(): Promise<readonly RunContainer[]>;
  /** Does nothing when it runs already. */
  start(id: string): Promise<void>;
  /** Resolves with the exit code once the container has stopped. */
  wait(id: string): Promise<number>;
  signal(id: string, name: "SIGTERM" | "SIGKILL" | "SIGHUP"): Promise<void>;
  /** Its standard input, and lines of its standard output and error from now on; to be called before it is started. */
  follow(id: string, line: (text: string) => void): Promise<ContainerStream>;
  create(container: NewContainer): Promise<string>;
  /** Removes every container and network of this run. */
  removeAll(): Promise<void>;
  /** Reports what happens to this run's containers, whatever caused it. `ended`: no more events come, as the engine is gone. */
  watch(run: (event: ContainerEvent) => void): Promise<EngineWatch>;
  pid(id: string): Promise<number | undefined>;
  /** Names of running containers, not of this run, in its network, or in that of its container `machine`. */
  foreignPrograms(machine: string): Promise<readonly string[]>;
  /** Runs a command in it and resolves with what it wrote. */
  run(id: string, command: readonly string[]): Promise<string>;
}

const ALREADY_STARTED = 304;

/** The HTTP status that the engine refused with. */
const statusOf = (error: unknown): unknown =>
  typeof error === "object" && error !== null && "statusCode" in error ? error.statusCode : undefined;

/** The engine for the run with this mark. A container of another run is refused with a bug's error, whatever its name is. */
export function createDockerEngine(docker: DockerClient, mark: RunMark): DockerEngine {
  const ours = new Set<string>();
  const label = `${RUN_LABEL}=${mark.run}`;

  async function containers(): Promise<readonly RunContainer[]> {
    const found = await docker.listContainers({
      all: true,
      filters: { label: [label] },
    });
    for (const { Id: id } of found) ours.add(id);
    return found.map(({ Id: id, Labels: labels, State: state }) => ({
      id,
      unit: labels[UNIT_LABEL] ?? "",
      state,
    }));
  }

  function own(id: string): Docker.Container {
    if (!ours.has(id)) throw new Error(`container ${id} is not of this run`);
    return docker.getContainer(id);
  }

  return {
    containers,
    async start(id) {
      try {
        await own(id).start();
      } catch (error) {
        if (statusOf(error) !== ALREADY_STARTED) throw error;
      }
    },
    wait: async (id) => ((await own(id).wait()) as { StatusCode: number }).StatusCode,
    signal: async (id, name) => void (await own(id).kill({ signal: name })),
    follow: async (id, line) => await followContainer(docker, own(id), line),
    async create(container) {
      const machine = await own(container.machine).inspect();
      const made = await docker.createContainer(containerOptions(container, machine, mark));
      ours.add(made.id);
      return made.id;
    },
    removeAll: async () => void (await removeLabelled(docker, label)),
    watch: async (run) => await watchContainers(docker, label, run),
    async pid(id) {
      const { State: state } = await own(id).inspect();
      return state.Pid > 0 ? state.Pid : undefined;
    },
    async foreignPrograms(machine) {
      const networks = new Set(
        (await docker.listNetworks({ filters: { label: [label] } })).map(({ Id: id }) => id),
      );
      return (await docker.listContainers())
        .filter(({ Labels: labels }) => labels[RUN_LABEL] !== mark.run)
        .filter(
          ({ HostConfig: { NetworkMode: mode }, NetworkSettings: { Networks: joined } }) =>
            mode === `container:${machine}` ||
            Object.values(joined).some(({ NetworkID: network }) => networks.has(network)),
        )
        .map(({ Id: id, Names: [name = id] }) => name.replace(/^\//, ""));
    },
    run: async (id, command) => await outputOf(docker, own(id), command),
  };
}
