import { StringDecoder } from "node:string_decoder";
import Docker from "dockerode";
import { CodedError, messageOf, systemCode } from "../../../runtime/errors.ts";
import { LIMITS, runLabels, RUN_LABEL, UNIT_LABEL, UNITS_DIR, type RunMark } from "./compose-file.ts";

/** A container of this run. Everything is done by its full id, never by a name that another may have. */
export interface RunContainer {
  readonly id: string;
  readonly unit: string;
  readonly state: string;
}

/** A container's standard input and output. */
export interface ContainerStream {
  /** Writes to its standard input; does nothing once it has ended. */
  write(text: string): void;
  /** Resolves when it writes no more, and its last line was told, too. */
  readonly ended: Promise<void>;
}

export interface NewContainer {
  readonly unit: string;
  readonly image: string;
  readonly command: readonly string[];
  /** Full id of the container whose network it shares. */
  readonly networkOf: string;
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
  remove(id: string): Promise<void>;
  pid(id: string): Promise<number | undefined>;
  /** Runs a command in it and resolves with what it wrote. */
  run(id: string, command: readonly string[]): Promise<string>;
}

export interface DockerSettings {
  /** DOCKER_HOST; undefined: the machine's own socket. */
  readonly host: string | undefined;
  /** Whether an engine on another machine is wanted: ports are published there, not here. */
  readonly remoteAllowed: boolean;
}

const HINT = "install and start Docker, or leave --world docker away: the lab needs no containers";

/** Throws CodedError ENVIRONMENT when no engine answers, or when it is another machine's. */
export async function connectDocker({ host, remoteAllowed }: DockerSettings): Promise<Docker> {
  if (host !== undefined && !host.startsWith("unix://") && !remoteAllowed)
    throw new CodedError("ENVIRONMENT", `DOCKER_HOST is ${host}, an engine on another machine`, {
      hint: "the lab would publish its ports there; LBLAB_DOCKER_REMOTE=1 allows it",
    });
  const docker = host?.startsWith("unix://")
    ? new Docker({ socketPath: host.slice("unix://".length) })
    : new Docker();
  try {
    await docker.ping();
  } catch (error) {
    const code = systemCode(error);
    const why =
      code === "EACCES"
        ? "this user may not speak to the Docker engine (is it in the group docker?)"
        : code === "ENOENT" || code === "ECONNREFUSED"
          ? "no Docker engine runs here"
          : `the Docker engine does not answer: ${messageOf(error)}`;
    throw new CodedError("ENVIRONMENT", why, { hint: HINT, cause: error });
  }
  return docker;
}

const ALREADY_STARTED = 304;

/** The HTTP status that the engine refused with. */
const statusOf = (error: unknown): unknown =>
  typeof error === "object" && error !== null && "statusCode" in error ? error.statusCode : undefined;

/** What the lab asks of a Docker client. */
export type DockerClient = Pick<Docker, "createContainer" | "getContainer" | "listContainers" | "modem">;

/** The engine for the run with this mark. Anything of another's is refused with a bug's error, whatever its name is. */
export function createDockerEngine(docker: DockerClient, mark: RunMark): DockerEngine {
  const ours = new Set<string>();

  async function containers(): Promise<readonly RunContainer[]> {
    const found = await docker.listContainers({
      all: true,
      filters: { label: [`${RUN_LABEL}=${mark.run}`] },
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
    async create({ unit, image, command, networkOf, unitsDir, user }) {
      own(networkOf);
      const made = await docker.createContainer({
        Image: image,
        Cmd: [...command],
        User: user,
        Env: ["LBLAB_MESSAGES=stdout"],
        OpenStdin: true,
        Labels: runLabels(mark, unit),
        HostConfig: {
          NetworkMode: `container:${networkOf}`,
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
    remove: async (id) => void (await own(id).remove({ force: true, v: true })),
    async pid(id) {
      const { State: state } = await own(id).inspect();
      return state.Pid > 0 ? state.Pid : undefined;
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

/** Puts chunks together into lines, wherever they were cut. */
function lineSplitter(line: (text: string) => void) {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  return {
    take(chunk: Buffer): void {
      const lines = (rest + decoder.write(chunk)).split("\n");
      rest = lines.pop() ?? "";
      lines.forEach(line);
    },
    /** What a process wrote last may lack its end of line. */
    finish(): void {
      const last = rest + decoder.end();
      rest = "";
      if (last !== "") line(last);
    },
  };
}
