import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import findProcess from "find-process";

/** The process that listens on a TCP port. */
export interface PortHolder {
  readonly pid: number;
  readonly name: string;
  /** Its whole command line. */
  readonly command: string;
}

// The package's own declarations do not resolve under nodenext, so what it takes and gives is stated here.
const find = findProcess as unknown as (
  by: "port",
  port: number,
  options: { logLevel: string },
) => Promise<readonly { readonly pid: number; readonly name: string; readonly cmd: string }[]>;

/**
 * Who listens on a local TCP port; undefined when nobody does, or when it cannot be told (another user's process).
 * Never rejects.
 */
export async function portHolder(port: number): Promise<PortHolder | undefined> {
  const [found] = await find("port", port, { logLevel: "silent" }).catch(() => []);
  if (found === undefined || !mayListen(found.pid, port)) return undefined;
  return { pid: found.pid, name: found.name, command: found.cmd.trim() };
}

/**
 * Where the listener belongs to someone else, the package falls back to anybody with a connection on that port: a
 * browser would be named as the culprit. Linux lets us make sure; elsewhere its word is taken.
 */
function mayListen(pid: number, port: number): boolean {
  const listening = listeningSockets(port);
  if (listening === undefined) return true;
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => listening.has(target(`/proc/${pid}/fd/${fd}`)));
  } catch {
    return false; // gone by now, or not ours to look into
  }
}

const LISTEN = "0A";

/** `socket:[inode]` of every TCP socket listening on the port; undefined without a Linux /proc. */
function listeningSockets(port: number): ReadonlySet<string> | undefined {
  const local = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const tables = ["/proc/net/tcp", "/proc/net/tcp6"].filter((file) => existsSync(file));
  if (tables.length === 0) return undefined;
  const rows = tables
    .flatMap((file) => readFileSync(file, "utf8").split("\n"))
    .map((line) => line.trim().split(/\s+/));
  return new Set(
    rows
      .filter((row) => row[1]?.endsWith(local) === true && row[3] === LISTEN)
      .map((row) => `socket:[${row[9]}]`),
  );
}

function target(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return ""; // closed while we looked
  }
}
