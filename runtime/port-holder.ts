import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";
import findProcess from "find-process";

/** The process that listens on a TCP port. */
export interface PortHolder {
  readonly pid: number;
  readonly name: string;
  /** Its whole command line. */
  readonly command: string;
}

// The package's own declarations do not resolve under nodenext, so its signature is stated here.
const find = findProcess as unknown as (
  by: "port",
  port: number,
  options: { logLevel: string },
) => Promise<readonly { readonly pid: number; readonly name: string; readonly cmd: string }[]>;

/**
 * The process that listens on a local TCP port; undefined when there is none, or an unknown one (another user's).
 * Never rejects.
 */
export async function portHolder(port: number): Promise<PortHolder | undefined> {
  return (await portHolders([port], [])).get(port);
}

/**
 * The processes that listen on these ports. `suspects` are pids to look at first: searching for a port's holder costs a
 * tenth of a second, looking at a known process costs nothing. Never rejects.
 */
export async function portHolders(
  ports: readonly number[],
  suspects: readonly number[],
): Promise<ReadonlyMap<number, PortHolder>> {
  const listening = listeningSockets();
  const held = new Map(suspects.map((pid) => [pid, socketsOf(pid)] as const));
  const holders = new Map<number, PortHolder>();
  await Promise.all(
    ports.map(async (port) => {
      const sockets = listening?.get(port);
      if (listening && !sockets) return;
      const pid = sockets && suspects.find((suspect) => meets(held.get(suspect), sockets));
      const holder = pid === undefined ? await ask(port, sockets) : described(pid);
      if (holder) holders.set(port, holder);
    }),
  );
  return holders;
}

/** A program that listens where one of the lab is expected. */
export interface ForeignProgram {
  readonly port: number;
  /** Undefined when it is unknown: another user's process. */
  readonly holder: PortHolder | undefined;
}

/**
 * The processes other than `own` that listen on these ports, on any address of this machine. Looks twice, so that a
 * process that starts or ends meanwhile does not count. Empty where /proc is no Linux'. Never rejects.
 */
export async function foreignProgramsOn(
  ports: readonly number[],
  own: () => readonly number[],
): Promise<readonly ForeignProgram[]> {
  const first = foreignSockets(ports, own);
  if (first.size === 0) return [];
  const second = foreignSockets(ports, own);
  return [...second].flatMap(([port, sockets]) => {
    const still = [...sockets].filter((socket) => first.get(port)?.has(socket));
    return still.length === 0 ? [] : [{ port, holder: holderOf(new Set(still)) }];
  });
}

function foreignSockets(
  ports: readonly number[],
  own: () => readonly number[],
): ReadonlyMap<number, ReadonlySet<string>> {
  const listening = listeningSockets();
  const ours = new Set(own().flatMap(socketsOf));
  const found = new Map<number, ReadonlySet<string>>();
  for (const port of ports) {
    const foreign = [...(listening?.get(port) ?? [])].filter((socket) => !ours.has(socket));
    if (foreign.length > 0) found.set(port, new Set(foreign));
  }
  return found;
}

/** The process that has one of these sockets open, among those that are readable to us. */
function holderOf(sockets: ReadonlySet<string>): PortHolder | undefined {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const pid = pids.find((one) => meets(socketsOf(Number(one)), sockets));
  return pid === undefined ? undefined : described(Number(pid));
}

/**
 * Where the listener is another user's, the package falls back to any process with a connection on that port: a browser
 * would be named as the holder. On Linux that is verified; elsewhere its result is trusted.
 */
async function ask(port: number, sockets: ReadonlySet<string> | undefined): Promise<PortHolder | undefined> {
  const [found] = await find("port", port, { logLevel: "silent" }).catch(() => []);
  if (found === undefined || (sockets && !meets(socketsOf(found.pid), sockets))) return undefined;
  return { pid: found.pid, name: found.name, command: found.cmd.trim() };
}

const meets = (held: readonly string[] | undefined, sockets: ReadonlySet<string>): boolean =>
  held?.some((one) => sockets.has(one)) ?? false;

function described(pid: number): PortHolder | undefined {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    // Not what the process calls itself: Node 24 names its main thread.
    return { pid, name: basename(command[0] ?? ""), command: command.join(" ").trim() };
  } catch {
    return undefined; // gone by now
  }
}

/** A process's open sockets, as /proc names them: `socket:[inode]`. */
function socketsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => target(`/proc/${pid}/fd/${fd}`));
  } catch {
    return []; // gone by now, or not readable by us
  }
}

const LISTEN = "0A";

/** `socket:[inode]` of every listening TCP socket, by port; undefined without a Linux /proc. */
function listeningSockets(): ReadonlyMap<number, ReadonlySet<string>> | undefined {
  const tables = ["/proc/net/tcp", "/proc/net/tcp6"].filter((file) => existsSync(file));
  if (tables.length === 0) return undefined;
  const byPort = new Map<number, Set<string>>();
  for (const line of tables.flatMap((file) => readFileSync(file, "utf8").split("\n"))) {
    const row = line.trim().split(/\s+/);
    if (row[3] !== LISTEN) continue;
    const port = Number.parseInt(row[1]?.split(":")[1] ?? "", 16);
    const sockets = byPort.get(port) ?? new Set();
    byPort.set(port, sockets.add(`socket:[${row[9]}]`));
  }
  return byPort;
}

function target(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return ""; // closed meanwhile
  }
}
