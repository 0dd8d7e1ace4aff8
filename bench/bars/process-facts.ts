import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** What the system knows of a process, read from /proc. Throws when it is gone. */
export interface ProcessFacts {
  /** Memory that is its own, and its part of what it shares (PSS), in megabytes. */
  readonly pssMb: number;
  /** Open file descriptors of any kind. */
  readonly descriptors: number;
  /** Those of them that are sockets: listening, connected or to its parent. */
  readonly sockets: number;
  /** Those that are established TCP connections. */
  readonly connections: number;
}

const ESTABLISHED = "01";

export function processFacts(pid: number): ProcessFacts {
  const [, kilobytes = "NaN"] =
    /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8")) ?? [];
  const descriptors = readdirSync(`/proc/${pid}/fd`);
  const links = descriptors.map((name) => linkOf(`/proc/${pid}/fd/${name}`));
  const sockets = links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []);
  const established = establishedInodes();
  return {
    pssMb: Number(kilobytes) / 1024,
    descriptors: descriptors.length,
    sockets: sockets.length,
    connections: sockets.filter((inode) => established.has(inode)).length,
  };
}

/** Inodes, as descriptors' links name them. IPv4 only, which is what the bars use. */
function establishedInodes(): ReadonlySet<string> {
  const rows = readFileSync("/proc/net/tcp", "latin1").split("\n").slice(1);
  const fields = rows.map((row) => row.trim().split(/\s+/));
  return new Set(
    fields.flatMap(([, , , state, , , , , , inode]) => (state === ESTABLISHED ? (inode ?? []) : [])),
  );
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ""; // closed meanwhile
  }
}
