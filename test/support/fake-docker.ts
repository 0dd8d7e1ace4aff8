import { PassThrough } from "node:stream";

/** One container or network of the fake engine. */
export interface FakeObject {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly name?: string;
  /** Ids of the networks that a container is in, and its network mode. */
  readonly networks?: readonly string[];
  readonly mode?: string;
}

/** A Docker client in memory: its operations are in `calls`, as `verb id`. */
export interface FakeDocker {
  readonly client: never;
  readonly calls: readonly string[];
  /** What `createContainer` was given. */
  readonly made: readonly Record<string, unknown>[];
  /** The engine's events, a line of JSON each; `eventLabels` has the labels of their requests. */
  readonly events: PassThrough;
  readonly eventLabels: readonly string[];
  /** What a container writes; the engine's frames are left out. */
  stream(id: string): PassThrough;
}

interface ListOptions {
  readonly filters?: { readonly label: readonly string[] };
}

export function createFakeDocker(
  containers: readonly FakeObject[],
  networks: readonly FakeObject[] = [],
): FakeDocker {
  const calls: string[] = [];
  const made: Record<string, unknown>[] = [];
  const events = new PassThrough();
  const eventLabels: string[] = [];
  const streams = new Map<string, PassThrough>();
  const stream = (id: string): PassThrough => {
    const found = streams.get(id) ?? new PassThrough();
    streams.set(id, found);
    return found;
  };
  const labelled = (all: readonly FakeObject[], { filters: { label } = { label: [] } }: ListOptions = {}) =>
    all
      .filter(({ labels }) =>
        label.every((pair) => Object.entries(labels).some((one) => one.join("=") === pair)),
      )
      .map(({ id, labels, name = id, networks: joined = [], mode = "default" }) => ({
        Id: id,
        Labels: labels,
        State: "created",
        Names: [`/${name}`],
        HostConfig: { NetworkMode: mode },
        NetworkSettings: { Networks: Object.fromEntries(joined.map((net) => [net, { NetworkID: net }])) },
      }));
  const object = (kind: string) => (id: string) => {
    const called = async (verb: string): Promise<void> => void calls.push(`${kind} ${verb} ${id}`);
    return {
      start: () => called("start"),
      kill: ({ signal }: { signal: string }) => called(signal),
      remove: () => called("remove"),
      attach: async () => stream(id),
      wait: async () => ({ StatusCode: 0 }),
      inspect: async () => ({
        Name: "/lblab-8080-r_host_1",
        Config: {
          Labels: { "com.docker.compose.project": "lblab-8080-r", "com.docker.compose.service": "host" },
        },
      }),
    };
  };
  const client = {
    listContainers: async (options?: ListOptions) => labelled(containers, options),
    listNetworks: async (options: ListOptions) => labelled(networks, options),
    getEvents: async ({ filters }: ListOptions) => {
      eventLabels.push(...(filters?.label ?? []));
      return events;
    },
    getContainer: object("container"),
    getNetwork: object("network"),
    createContainer: async (options: Record<string, unknown>) => {
      made.push(options);
      return { id: `made-${made.length}` };
    },
    modem: {
      demuxStream: (from: PassThrough, out: { write(chunk: Buffer): void }) => from.on("data", out.write),
    },
  };
  return { client: client as never, calls, made, events, eventLabels, stream };
}
