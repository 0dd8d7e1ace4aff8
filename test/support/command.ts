import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { journalPath } from "../../lab/drill/journal.ts";
import { readJournal } from "../../lab/drill/read-journal.ts";
import type { JournalLine } from "../../lab/drill/events.ts";
import { portPlan } from "../../lab/world/ports.ts";
import { takenPorts } from "../../lab/world/taken-ports.ts";
import { freeBase } from "./live-lab.ts";
import { until } from "./until.ts";

/** The command line as a child process, the way a person runs it, without a terminal. */

const MAIN = join(import.meta.dirname, "..", "..", "dist", "lab", "cli", "main.js");

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

export interface RunningCommand {
  readonly pid: number;
  readonly out: string;
  readonly err: string;
  /** Undefined while it runs. */
  readonly ended: Ended | undefined;
  signal(name: NodeJS.Signals): void;
  /** What closing its terminal does: a signal, and output closed. */
  hangUp(): void;
  /** Its end, within the deadline. */
  end(deadlineMs?: number): Promise<Ended>;
}

export const spawnLblab = (args: readonly string[], environment: NodeJS.ProcessEnv = {}): RunningCommand =>
  spawnMain(MAIN, args, { environment });

/** The command line of an installation somewhere else, in that folder. */
export const installedCommand = (main: string, args: readonly string[], folder: string): RunningCommand =>
  spawnMain(main, args, { folder });

interface Surroundings {
  readonly environment?: NodeJS.ProcessEnv;
  readonly folder?: string;
}

function spawnMain(
  main: string,
  args: readonly string[],
  { environment = {}, folder }: Surroundings,
): RunningCommand {
  const env = { PATH: process.env["PATH"], NO_COLOR: "1", ...environment };
  const child = spawn(process.execPath, [main, ...args], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
    ...(folder === undefined ? {} : { cwd: folder }),
  });
  const { pid } = child;
  if (pid === undefined) throw new Error("the command could not be started");
  let out = "";
  let err = "";
  let ended: Ended | undefined;
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  child.once("close", (code, signal) => (ended = { code, signal, out, err }));
  onTestFinished(async () => {
    if (ended === undefined) child.kill("SIGKILL");
    await until(() => ended, "a command to end");
  });
  return {
    pid,
    get out() {
      return out;
    },
    get err() {
      return err;
    },
    get ended() {
      return ended;
    },
    signal: (name) => void child.kill(name),
    hangUp() {
      child.stdout.destroy();
      child.stderr.destroy();
      child.kill("SIGHUP");
    },
    end: (deadlineMs = 15_000) => until(() => ended, `lblab ${args.join(" ")} to end`, deadlineMs),
  };
}

export const lblab = (...args: readonly string[]): Promise<Ended> => spawnLblab(args).end(30_000);

/** A directory and free ports for labs of one test, and what they leave there. */
export interface Site {
  readonly home: string;
  readonly base: number;
  /** Flags that put a command here. */
  readonly here: readonly string[];
  run(...args: readonly string[]): Promise<Ended>;
  spawn(...args: readonly string[]): RunningCommand;
  /** A lab without a drill, in the foreground, that serves. */
  up(): Promise<RunningCommand>;
  /** The whole lines of the only drill's journal. */
  journal(): readonly JournalLine[];
  /** Waits until the journal of a running drill has such a line. */
  happened(drill: RunningCommand, event: JournalLine["event"], deadlineMs?: number): Promise<JournalLine>;
  units(): Promise<Record<string, { pid: number | undefined; state: string; restarts: number }>>;
  /** The ports of the plan that something listens on. */
  taken(): Promise<readonly number[]>;
}

export async function site(given: { home?: string; base?: number } = {}): Promise<Site> {
  const home = given.home ?? mkdtempSync(join(tmpdir(), "lblab-trouble-"));
  if (given.home === undefined) onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const base = given.base ?? (await freeBase());
  const here = ["--dir", home, "--port-base", String(base)];
  const run = (...args: readonly string[]): Promise<Ended> => lblab(...here, ...args);
  const start = (...args: readonly string[]): RunningCommand => spawnLblab([...here, ...args]);
  const journal = (): readonly JournalLine[] => {
    const drills = join(home, "drills");
    const [id] = existsSync(drills) ? readdirSync(drills) : [];
    return id === undefined ? [] : readJournal(journalPath(home, id));
  };
  return {
    home,
    base,
    here,
    run,
    spawn: start,
    journal,
    async up() {
      const lab = start("up", "--foreground");
      await until(
        () => {
          if (lab.ended) throw new Error(`the lab ended: ${lab.err}`);
          return lab.err.includes("the lab is up");
        },
        "the lab to be up",
        30_000,
      );
      return lab;
    },
    happened: (drill, event, deadlineMs = 120_000) =>
      until(
        () => {
          if (drill.ended) throw new Error(`the drill ended before "${event}": ${drill.err}`);
          return journal().find((line) => line.event === event);
        },
        `"${event}" in the journal`,
        deadlineMs,
      ),
    async units() {
      // Queried directly, as `lblab ps` does: a process for every look would take most of a test's time.
      const found = await fetch(`http://127.0.0.1:${portPlan(base).control}/v1/units`);
      const units = (await found.json()) as {
        name: string;
        pid: number | undefined;
        state: string;
        restarts: number;
      }[];
      return Object.fromEntries(units.map(({ name, ...unit }) => [name, unit]));
    },
    async taken() {
      const { listener, admin, control, backends } = portPlan(base);
      return (await takenPorts([listener, admin, control, ...backends])).map(({ port }) => port);
    },
  };
}

/** The processes that a supervisor started and that still run, by a marker in their environment. */
export function processesOf(supervisor: number): number[] {
  const wanted = `LBLAB_SUPERVISOR=${supervisor}`;
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(wanted);
      } catch {
        return false; // gone meanwhile
      }
    })
    .map(Number);
}
