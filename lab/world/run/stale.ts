import { existsSync, realpathSync, rmSync } from "node:fs";
import { sleep, type Clock } from "../../../runtime/clock.ts";
import { hasOpen, isAlive, killProcess, wasStartedWith } from "../../../runtime/process-identity.ts";
import {
  childrenFile,
  MARKER_VARIABLE,
  readRunFile,
  runPaths,
  supervisorFile,
  type ChildRecord,
  type SupervisorFile,
} from "./run-files.ts";

/** The remains of an earlier lab that did not end properly. */
export interface StaleRun {
  readonly kind: "stale";
  /** Undefined when its file cannot be read. */
  readonly supervisor: SupervisorFile | undefined;
  /** Its processes that still live: same pid, same start, and its marker in their environment. */
  readonly leftovers: readonly ChildRecord[];
}

export type RunState =
  | { readonly kind: "none" }
  | { readonly kind: "running"; readonly supervisor: SupervisorFile }
  | StaleRun;

/** Inspects a run directory and changes nothing. Processes are never identified by pid alone: pids are reused. */
export function inspectRun(root: string): RunState {
  const paths = runPaths(root);
  if (!existsSync(paths.supervisor)) return { kind: "none" };
  const supervisor = readRunFile(paths.supervisor, supervisorFile);
  if (supervisor && isSupervisor(supervisor, paths.token)) return { kind: "running", supervisor };
  const { marker, children } = readRunFile(paths.children, childrenFile) ?? { marker: "", children: [] };
  const leftovers = children.filter(
    (child) => isAlive(child) && wasStartedWith(child.pid, MARKER_VARIABLE, marker),
  );
  return { kind: "stale", supervisor, leftovers };
}

/** A supervisor keeps its token file open for life. Where open files cannot be listed, pid and start time must do. */
function isSupervisor(supervisor: SupervisorFile, token: string): boolean {
  if (!isAlive(supervisor)) return false;
  return existsSync(token) && hasOpen(supervisor.pid, realpathSync(token)) !== false;
}

const GONE_WITHIN_MS = 2000;

/**
 * Kills what `inspectRun` proved to be ours and removes the run's files, logs excepted. Resolves with the processes
 * that did not end; the files stay then. Call it under the claim, so that no other lab is starting meanwhile.
 */
export async function cleanStale(
  root: string,
  { leftovers }: StaleRun,
  clock: Clock,
): Promise<readonly ChildRecord[]> {
  leftovers.forEach((child) => killProcess(child));
  const end = clock.now() + GONE_WITHIN_MS;
  while (leftovers.some(isAlive) && clock.now() < end) await sleep(clock, 20);
  const left = leftovers.filter(isAlive);
  if (left.length === 0) removeRunFiles(root);
  return left;
}

/** Removes the files that mark the directory as in use. The supervisor's file goes last: it leads to the rest. */
export function removeRunFiles(root: string): void {
  const paths = runPaths(root);
  rmSync(paths.secrets, { recursive: true, force: true });
  for (const file of [paths.children, paths.token, paths.supervisor]) rmSync(file, { force: true });
}
