import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** What the system knows of a process, read from /proc. Throws when it is gone. */
export interface ProcessFacts {
  /** Memory that is its own, and its part of what it shares, in megabytes. */
  readonly pssMb: number;
  /** Open file descriptors of any kind. */
  readonly descriptors: number;
  /** Those of them that are sockets: listening, connected or to its parent. */
  readonly sockets: number;
}

export function processFacts(pid: number): ProcessFacts {
  const [, kilobytes = "NaN"] =
    /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8")) ?? [];
  const descriptors = readdirSync(`/proc/${pid}/fd`);
  const sockets = descriptors.filter((name) => linkOf(`/proc/${pid}/fd/${name}`).startsWith("socket:"));
  return { pssMb: Number(kilobytes) / 1024, descriptors: descriptors.length, sockets: sockets.length };
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ""; // closed meanwhile
  }
}
