import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import type Docker from "dockerode";
import type { Cancel } from "../../../runtime/clock.ts";
import { LIMITS, UNITS_DIR } from "./compose-file.ts";
import { HOST_SERVICE } from "./containerised.ts";
import { removeLabelled } from "./leftovers.ts";
import { runLabels, RUN_LABEL, UNIT_LABEL, type RunMark } from "./run-mark.ts";

/** A container of this run. It is always addressed by its full id, never by a name that another may have. */
export interface RunContainer {
  readonly id: string;
  readonly unit: string;
  readonly state: string;
}

/** A container's standard input and output. */
export interface ContainerStream {
  /** Writes to its standard input; does nothing once it has ended. */
  write(text: string): void;
  /** Resolves when it writes no more, and its last line was reported. */
  readonly ended: Promise<void>;
}

/** The container events that are watched, as the engine names them. */
const EVENTS = ["start", "die", "destroy", "pause", "unpause"] as const;

export interface ContainerEvent {
  readonly unit: string;
  readonly id: string;
  readonly what: (typeof EVENTS)[number];
}

export interface EngineWatch {
  readonly ended: Promise<void>;
  readonly cancel: Cancel;
}

export interface NewContainer {
  readonly unit: string;
  readonly image: string;
  readonly command: readonly string[];
  /** Full id of the machine's container, whose network it shares and after which it is named. */
  readonly machine: string;
  readonly unitsDir: string;
  readonly user: string;
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

const SECOND_NS = 1e9;
const HEALTHCHECK = {
  Test: ["CMD", "node", "-e", "0"],
  Interval: 10 * SECOND_NS,
  Timeout: 5 * SECOND_NS,
  StartPeriod: 20 * SECOND_NS,
  Retries: 3,
};
const ALREADY_STARTED = 304;

/** The HTTP status that the engine refused with. */
const statusOf = (error: unknown): unknown =>
  typeof error === "object" && error !== null && "statusCode" in error ? error.statusCode : undefined;

/** The part of a Docker client that the lab uses. */
export type DockerClient = Pick<
  Docker,
  | "createContainer"
  | "getContainer"
  | "getEvents"
  | "getNetwork"
  | "listContainers"
  | "listNetworks"
  | "modem"
>;

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
    async follow(id, line) {
      const container = own(id);
      const stream = await container.attach({
        stream: true,
        hijack: true,
        stdin: true,
        stdout: true,
        stderr: true,
      });
      const out = lineSplitter(line);
      const err = lineSplitter(line);
      // Whatever the process writes is split by the engine into frames of either kind.
      docker.modem.demuxStream(stream, { write: out.take } as never, { write: err.take } as never);
      const ended = new Promise<void>((resolve) => {
        for (const event of ["end", "close", "error"]) stream.once(event, () => resolve());
      });
      return {
        write(text) {
          if (stream.writable) stream.write(text);
        },
        ended: ended.then(() => {
          out.finish();
          err.finish();
        }),
      };
    },
    async create({ unit, image, command, machine, unitsDir, user }) {
      const { Name: name, Config: config } = await own(machine).inspect();
      const made = await docker.createContainer({
        name: asCalledByCompose(name, unit),
        Image: image,
        Cmd: [...command],
        User: user,
        Env: ["LBLAB_MESSAGES=stdout"],
        OpenStdin: true,
        // As Compose's own have them, so that a list of containers shows no difference.
        Healthcheck: HEALTHCHECK,
        Labels: { ...composeLabels(config.Labels, unit), ...runLabels(mark, unit) },
        HostConfig: {
          NetworkMode: `container:${machine}`,
          LogConfig: { Type: "json-file", Config: { "max-size": "5m", "max-file": "2" } },
          Tmpfs: { "/tmp": "" },
          Binds: [`${unitsDir}:${UNITS_DIR}:ro`],
          ReadonlyRootfs: true,
          CapDrop: ["ALL"],
          SecurityOpt: ["no-new-privileges:true"],
          Memory: LIMITS.memoryBytes,
          NanoCpus: LIMITS.cpus * 1e9,
          PidsLimit: LIMITS.pids,
          RestartPolicy: { Name: "no" },
        },
      });
      ours.add(made.id);
      return made.id;
    },
    removeAll: async () => void (await removeLabelled(docker, label)),
    async watch(run) {
      const stream = (await docker.getEvents({
        filters: { type: ["container"], label: [label], event: [...EVENTS] },
      })) as Readable;
      const lines = lineSplitter((line) => {
        const event = eventIn(line);
        if (event) run(event);
      });
      stream.on("data", lines.take);
      const ended = new Promise<void>((resolve) => {
        for (const end of ["end", "close", "error"]) stream.once(end, () => resolve());
      });
      return { ended, cancel: () => void stream.destroy() };
    },
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
    async run(id, command) {
      const exec = await own(id).exec({ Cmd: [...command], AttachStdout: true, AttachStderr: false });
      const stream = await exec.start({});
      const chunks: string[] = [];
      docker.modem.demuxStream(
        stream,
        { write: (chunk: Buffer) => chunks.push(chunk.toString("utf8")) } as never,
        { write: () => {} } as never,
      );
      await new Promise<void>((resolve, reject) => {
        stream.once("end", () => resolve());
        stream.once("error", reject);
      });
      return chunks.join("");
    },
  };
}

/**
 * A name like those that Compose gave the others, whichever its version: in a list of containers, one that a package brought
 * looks like those that were there before.
 */
const asCalledByCompose = (machine: string, unit: string): string =>
  machine.replace(/^\//, "").replace(new RegExp(`${HOST_SERVICE}(?=[-_]\\d+$)`), unit);

const PROJECT_LABELS = ["project", "project.config_files", "project.working_dir", "version", "oneoff"];

/** The labels that Compose would have set, so that it is listed with the others. */
function composeLabels(labels: Readonly<Record<string, string>>, unit: string): Record<string, string> {
  const prefix = "com.docker.compose";
  const copied = PROJECT_LABELS.flatMap((name) => {
    const value = labels[`${prefix}.${name}`];
    return value === undefined ? [] : [[`${prefix}.${name}`, value] as const];
  });
  if (copied.length === 0) return {};
  return {
    ...Object.fromEntries(copied),
    [`${prefix}.service`]: unit,
    [`${prefix}.container-number`]: "1",
  };
}

function eventIn(line: string): ContainerEvent | undefined {
  if (line.trim() === "") return undefined;
  const { Action: what, Actor: actor } = JSON.parse(line) as {
    readonly Action: string;
    readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
  };
  const heard = EVENTS.find((event) => event === what);
  if (heard === undefined) return undefined;
  return { unit: actor.Attributes[UNIT_LABEL] ?? "", id: actor.ID, what: heard };
}

/** Joins chunks into lines, wherever they were cut. */
function lineSplitter(line: (text: string) => void) {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  return {
    take(chunk: Buffer): void {
      const lines = (rest + decoder.write(chunk)).split("\n");
      rest = lines.pop() ?? "";
      lines.forEach(line);
    },
    /** Emits the rest: a process's last line may lack its newline. */
    finish(): void {
      const last = rest + decoder.end();
      rest = "";
      if (last !== "") line(last);
    },
  };
}
