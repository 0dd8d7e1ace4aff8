import { readdirSync, readFileSync } from "node:fs";

/** What a process and its descendants have cost so far, and hold now. */
export interface ProcessCost {
  /** Seconds of processor time, user and system, of all their threads, and of children that have ended. */
  readonly cpuSeconds: number;
  /** Memory, what is shared counted in parts (PSS). */
  readonly pssMb: number;
}

/** Linux counts in these, whatever its timer does. */
const TICKS_PER_SECOND = 100;

export function processCost(pid: number): ProcessCost {
  let cpuSeconds = 0;
  let pssMb = 0;
  for (const each of tree(pid)) {
    const [utime = 0, stime = 0, cutime = 0, cstime = 0] = statFields(each).slice(11, 15).map(Number);
    cpuSeconds += (utime + stime + cutime + cstime) / TICKS_PER_SECOND;
    pssMb += Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${each}/smaps_rollup`))?.[1] ?? 0) / 1024;
  }
  return { cpuSeconds, pssMb };
}

function tree(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const parent = Number(statFields(pid)[1] ?? 0);
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const found = [root];
  for (const pid of found) found.push(...(children.get(pid) ?? []));
  return found;
}

/** The fields of /proc/PID/stat from the third, the state, on: the second, the name, may hold spaces. */
function statFields(pid: number): string[] {
  const text = read(`/proc/${pid}/stat`);
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}

/** Empty for a process that has ended meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
