import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";

/** Distinguishes a process from any other that had or will have its pid. `startTime` is opaque: only for comparison. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: string;
}

const HAS_PROC = existsSync("/proc/self/stat");

/** The living process with this pid; undefined when there is none (a zombie counts as none). */
export function identify(pid: number): ProcessIdentity | undefined {
  const startTime = HAS_PROC ? startTimeFromProc(pid) : fromPs(pid, "lstart=");
  return startTime === undefined ? undefined : { pid, startTime };
}

export function isAlive({ pid, startTime }: ProcessIdentity): boolean {
  return identify(pid)?.startTime === startTime;
}

/** The state letter of a process, `T` when a signal has stopped it (proc_pid_stat(5)); undefined when it is unknown. */
export function processState(pid: number): string | undefined {
  return HAS_PROC ? statOf(pid)?.[0] : fromPs(pid, "state=")?.[0];
}

/** Whether the process was started with `variable=value` in its environment; false when it is unknown. */
export function wasStartedWith(pid: number, variable: string, value: string): boolean {
  const wanted = `${variable}=${value}`;
  if (!HAS_PROC) return fromPs(pid, "command=", "eww")?.split(/\s+/).includes(wanted) ?? false;
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(wanted);
  } catch {
    return false;
  }
}

/** Whether the process has this file open (an absolute path without links); undefined when it is unknown. */
export function hasOpen(pid: number, file: string): boolean | undefined {
  if (!HAS_PROC) return undefined;
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => linkOf(`/proc/${pid}/fd/${fd}`) === file);
  } catch {
    return undefined;
  }
}

/** SIGKILL to exactly this process. False: it is gone, or may not be killed by us. */
export function killProcess(identity: ProcessIdentity): boolean {
  if (!isAlive(identity)) return false;
  try {
    return process.kill(identity.pid, "SIGKILL");
  } catch {
    return false;
  }
}

/** Its fields from the state on; undefined when there is no such process. */
function statOf(pid: number): readonly string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // proc_pid_stat(5): the name in parentheses may hold anything; the state is the first field after it.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}

function startTimeFromProc(pid: number): string | undefined {
  const fields = statOf(pid);
  const [state, ticks] = [fields?.[0], fields?.[19]];
  if (state === "Z" || state === "X" || ticks === undefined) return undefined;
  try {
    // Ticks count from the machine's boot, and restart with the next one.
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}/${ticks}`;
  } catch {
    return undefined;
  }
}

function fromPs(pid: number, column: string, ...flags: string[]): string | undefined {
  try {
    const text = execFileSync("ps", [...flags, "-o", column, "-p", String(pid)], { encoding: "utf8" }).trim();
    return text === "" ? undefined : text;
  } catch {
    return undefined;
  }
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined; // closed meanwhile
  }
}
