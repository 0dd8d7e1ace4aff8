import { existsSync, readdirSync, readlinkSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { runPaths } from "./run-files.ts";
import { inspectRun } from "./stale.ts";

/** A lab of this user that runs now. */
export interface RunningLab {
  /** Its run directory. */
  readonly root: string;
  readonly base: number;
  readonly pid: number;
  /** The drill that runs or ran last. */
  readonly drill: string | undefined;
}

/**
 * Every lab of this user on this machine, wherever its files are and whatever its ports: a supervisor keeps its token file
 * open for life, which /proc shows. Where there is no /proc only the given run directories are looked at.
 */
export function runningLabs(roots: readonly string[]): readonly RunningLab[] {
  return [...new Set([...openRoots(), ...roots])].flatMap((root) => {
    const found = inspectRun(root);
    if (found.kind !== "running") return [];
    const { base, pid, drill } = found.supervisor;
    return [{ root, base, pid, drill }];
  });
}

const TOKEN = /^(\/.*\/run\/\d+)\/token$/;

function openRoots(): string[] {
  if (!existsSync("/proc/self/fd")) return [];
  const uid = process.getuid?.();
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && ownerOf(name) === uid)
    .flatMap(openTokens)
    .filter((path) => path === runPaths(dirname(path)).token)
    .map(dirname);
}

function ownerOf(pid: string): number | undefined {
  return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid;
}

function openTokens(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      const path = targetOf(`/proc/${pid}/fd/${fd}`);
      return path !== undefined && TOKEN.test(path) ? [path] : [];
    });
  } catch {
    return []; // gone meanwhile, or not readable by us
  }
}

function targetOf(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined; // closed meanwhile
  }
}
