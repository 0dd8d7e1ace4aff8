import { randomBytes } from "node:crypto";
import { chmodSync, closeSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Clock } from "../../../runtime/clock.ts";
import { CodedError, messageOf, systemCode } from "../../../runtime/errors.ts";
import { identify, isAlive, type ProcessIdentity } from "../../../runtime/process-identity.ts";
import { createWhole, replaceWhole } from "./exclusive-file.ts";
import { makeHome } from "./home.ts";
import { claimFile, readRunFile, runPaths, type ChildRecord, type RunPaths } from "./run-files.ts";
import { cleanStale, inspectRun, removeRunFiles, type StaleRun } from "./stale.ts";

/** The directory of a running lab, held by one supervisor at a time. */
export interface RunDir {
  readonly paths: RunPaths;
  /** Known to the run's own processes only, by their environment. */
  readonly marker: string;
  /** The run's public id. */
  readonly instance: string;
  /** What a change through an admin surface must present; also in the file `token`, for the owner only. */
  readonly token: string;
  /** Records the drill that runs, for a later lab that finds this run abandoned. */
  noteDrill(id: string): void;
  recordChild(unit: string, pid: number): void;
  forgetChild(pid: number): void;
  /** Releases the directory; the logs stay. While one of its processes lives, it stays marked as this run's. */
  release(): void;
}

export interface RunDirConfig {
  /** Where `run/<base>` is made: `.lab`. */
  readonly home: string;
  readonly base: number;
  readonly ports: readonly number[];
  /** The supervisor: this process. */
  readonly pid: number;
}

export interface RunDirDeps {
  readonly clock: Clock;
  /** Called with an abandoned run before it is cleaned up. */
  readonly onStale?: (found: StaleRun) => void;
}

/** The directory of a base port, as an absolute path. */
export function runRoot(home: string, base: number): string {
  return resolve(home, "run", String(base));
}

/**
 * Takes the run directory of a base port for this process. Throws CodedError LAB_RUNNING when a lab holds it, and
 * ENVIRONMENT or DISK when it cannot be used.
 */
export async function claimRunDir(config: RunDirConfig, { clock, onStale }: RunDirDeps): Promise<RunDir> {
  const root = runRoot(config.home, config.base);
  const paths = runPaths(root);
  const self = identify(config.pid);
  if (!self) throw new CodedError("ENVIRONMENT", "cannot find out when this process was started");
  makeHome(config.home);
  try {
    mkdirSync(root, { recursive: true, mode: 0o700 });
    chmodSync(root, 0o700);
    takeClaim(paths.claim, self, config.base);
  } catch (error) {
    throw asCoded(error, root);
  }
  try {
    const found = inspectRun(root);
    if (found.kind === "running") throw running(config.base, found.supervisor);
    if (found.kind === "stale") {
      onStale?.(found);
      const left = await cleanStale(root, found, clock);
      if (left.length > 0) throw stuck(left);
    }
    return open(config, paths, self, clock);
  } catch (error) {
    throw asCoded(error, root);
  } finally {
    rmSync(paths.claim, { force: true });
  }
}

/** Only the holder of the claim cleans up and creates: else one of two could remove what the other has just created. */
function takeClaim(claim: string, self: ProcessIdentity, base: number): void {
  for (let turn = 0; turn < 2; turn++) {
    if (createWhole(claim, JSON.stringify(self), self.pid)) return;
    const holder = readRunFile(claim, claimFile);
    if (holder && isAlive(holder)) throw running(base, holder);
    rmSync(claim, { force: true });
  }
  throw new CodedError("LAB_RUNNING", `another lab is starting on base port ${base}`);
}

function open(config: RunDirConfig, paths: RunPaths, self: ProcessIdentity, clock: Clock): RunDir {
  const { base, ports } = config;
  // Secrets, so not from the seeded random streams.
  const marker = randomBytes(8).toString("hex");
  const instance = randomBytes(8).toString("hex");
  const token = randomBytes(32).toString("hex");
  for (const dir of [paths.units, paths.logs, paths.secrets]) {
    rmSync(dir, { recursive: true, force: true });
    mkdirSync(dir, { mode: 0o700 });
  }
  // What the balancer wrote beside its configuration belongs to an earlier run's users.
  for (const name of ["access.log", "access.log.1"]) rmSync(join(paths.root, name), { force: true });
  rmSync(paths.token, { force: true });
  // Held open until release: the proof that this process is the supervisor.
  const held = openSync(paths.token, "wx", 0o600);
  writeSync(held, `${token}\n`);
  const about = { ...self, marker, instance, base, ports, startedAt: new Date(clock.wall()).toISOString() };
  let children: readonly ChildRecord[] = [];
  const writeChildren = () => replaceWhole(paths.children, JSON.stringify({ marker, children }));
  writeChildren();
  if (!createWhole(paths.supervisor, JSON.stringify(about), self.pid)) throw running(base, self);
  let released = false;

  return {
    paths,
    marker,
    instance,
    token,
    noteDrill: (drill) => replaceWhole(paths.supervisor, JSON.stringify({ ...about, drill })),
    recordChild(unit, pid) {
      const identity = identify(pid);
      if (!identity || released) return; // ended already
      children = [...children, { ...identity, unit }];
      writeChildren();
    },
    forgetChild(pid) {
      if (released) return;
      children = children.filter((child) => child.pid !== pid);
      try {
        writeChildren();
      } catch {
        // A full disk: a record of a process that is gone does no harm, since readers check whether it lives.
      }
    },
    release() {
      if (released) return;
      released = true;
      closeSync(held);
      if (!children.some(isAlive)) removeRunFiles(paths.root);
    },
  };
}

function running(base: number, { pid, startedAt }: { pid: number; startedAt?: string }): CodedError {
  const since = startedAt === undefined ? "just starting" : `since ${startedAt}`;
  return new CodedError("LAB_RUNNING", `a lab is running on base port ${base} (pid ${pid}, ${since})`, {
    hint: "end it with `npx lblab down`, or start another one elsewhere with --port-base",
  });
}

function stuck(left: readonly ChildRecord[]): CodedError {
  const names = left.map(({ unit, pid }) => `${unit} (pid ${pid})`).join(", ");
  return new CodedError("ENVIRONMENT", `an earlier lab's processes cannot be ended: ${names}`);
}

function asCoded(error: unknown, root: string): unknown {
  const code = systemCode(error);
  if (error instanceof CodedError || code === undefined) return error;
  return new CodedError(
    code === "ENOSPC" ? "DISK" : "ENVIRONMENT",
    `cannot use ${root}: ${messageOf(error)}`,
    {
      cause: error,
    },
  );
}
