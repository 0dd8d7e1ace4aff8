import { existsSync, readdirSync, statfsSync } from "node:fs";
import { dirname, join } from "node:path";
import { sleep, type Clock } from "../../../runtime/clock.ts";
import type { Installation } from "./installation.ts";
import { homeFault } from "../../world/run/home.ts";
import { allPorts, portPlan } from "../../world/ports.ts";
import { takenPorts } from "../../world/taken-ports.ts";
import { findSetpriv } from "../../world/live/setpriv.ts";
import { inspectRun, type RunState } from "../../world/run/stale.ts";

/** One thing the lab needs, and whether this machine has it. */
export interface Check {
  readonly name: string;
  /** warn: the lab runs, with a restriction that `detail` names. block: it would not. */
  readonly status: "ok" | "warn" | "block";
  readonly detail: string;
  /** What to do about it. */
  readonly hint?: string;
  /** The figures behind it: milliseconds, bytes, ports. */
  readonly values?: Readonly<Record<string, number | string | readonly number[]>>;
}

/** By Node's release schedule: majors that people still run and that get no fixes any more. */
const OUT_OF_SUPPORT: Readonly<Record<number, string>> = { 20: "2026-04" };
const OLDEST_NODE = [20, 19] as const;

export function checkNode(version: string): Check {
  const name = "node";
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const values = { version };
  const [oldest, oldestMinor] = OLDEST_NODE;
  if (major < oldest || (major === oldest && minor < oldestMinor))
    return {
      name,
      status: "block",
      detail: `Node ${version} is too old: ${OLDEST_NODE.join(".")} is the least`,
      hint: "install Node 24",
      values,
    };
  const since = OUT_OF_SUPPORT[major];
  if (since === undefined) return { name, status: "ok", detail: `Node ${version}`, values };
  return {
    name,
    status: "warn",
    detail: `Node ${version} works, but Node ${major} has been out of support since ${since}`,
    hint: "install Node 24",
    values,
  };
}

const TIMER_MS = 5;
const SAMPLES = 200;

/** How late timers fire: a lab whose timers are late measures itself. Takes a second. */
export async function checkTimers(clock: Clock): Promise<Check> {
  const late: number[] = [];
  for (let i = 0; i < SAMPLES; i++) {
    const due = clock.now() + TIMER_MS;
    await sleep(clock, TIMER_MS);
    late.push(Math.max(0, clock.now() - due));
  }
  late.sort((a, b) => a - b);
  const at = (share: number) => late[Math.ceil(share * SAMPLES) - 1] ?? 0;
  const [medianMs, p99Ms] = [at(0.5), at(0.99)];
  const detail = `timers are ${medianMs.toFixed(1)} ms late at the median, ${p99Ms.toFixed(1)} ms at p99`;
  const status = medianMs > 20 ? "block" : medianMs > 5 || p99Ms > 25 ? "warn" : "ok";
  const hint =
    "the processor is busy: close what loads it, else latencies in the lab are its, not the incident's";
  return {
    name: "timers",
    status,
    detail,
    values: { medianMs, p99Ms },
    ...(status === "ok" ? {} : { hint }),
  };
}

const REQUESTS = 200;
const REQUEST_EVERY_MS = 5;

/** Sends a server one request; resolves when its answer has come. */
export type AskOnce = () => Promise<void>;

/**
 * What a drill's steady state needs: answers over the loopback at a lab's rate, 200 a second, in good time. Each is counted
 * from when it was due. Takes a second.
 */
export async function checkRequests(clock: Clock, ask: AskOnce): Promise<Check> {
  const began = clock.now();
  const waits = await Promise.all(
    Array.from({ length: REQUESTS }, async (_, i) => {
      const due = began + i * REQUEST_EVERY_MS;
      await sleep(clock, Math.max(0, due - clock.now()));
      await ask();
      return clock.now() - due;
    }),
  );
  waits.sort((a, b) => a - b);
  const p95Ms = waits[Math.ceil(0.95 * REQUESTS) - 1] ?? 0;
  const status = p95Ms > 150 ? "block" : p95Ms > 40 ? "warn" : "ok";
  return {
    name: "requests",
    status,
    detail: `${REQUESTS} requests a second over the loopback take ${p95Ms.toFixed(1)} ms at p95`,
    values: { p95Ms },
    ...(status === "ok"
      ? {}
      : { hint: "a drill's steady state may not hold: wait until the machine is less busy" }),
  };
}

/** Ports that are held by a lab running on this base are no fault. */
export async function checkPorts(base: number, here: RunState): Promise<Check> {
  const name = "ports";
  if (here.kind === "running")
    return { name, status: "ok", detail: `held by the lab that runs on base port ${base}` };
  const plan = portPlan(base);
  const { listener, admin, control, backends } = plan;
  const taken = await takenPorts(allPorts(plan));
  if (taken.length === 0)
    return { name, status: "ok", detail: `${listener}, ${admin}, ${control} and ${backends[0]}... are free` };
  return {
    name,
    status: "block",
    detail: taken.map((one) => `${one.port} ${one.detail}`).join("; "),
    hint: "free what is in the way, or move the whole lab with --port-base N",
    values: { taken: taken.map((one) => one.port) },
  };
}

export function checkSetpriv(searchPath: string): Check {
  const found = findSetpriv(searchPath);
  if (found !== undefined)
    return { name: "setpriv", status: "ok", detail: "the kernel ends processes whose supervisor is gone" };
  return {
    name: "setpriv",
    status: "ok",
    detail: "not here: processes watch for the end of their supervisor by themselves",
  };
}

/** Whether everything is there that the lab reads while it runs; `remedy` is what to do about it. */
export function checkInstallation({ missing, remedy }: Installation): Check {
  const name = "parts";
  if (missing.length === 0) return { name, status: "ok", detail: "nothing is missing of this installation" };
  return {
    name,
    status: "block",
    detail: `missing: ${missing.join(", ")}`,
    hint: remedy,
  };
}

/** Where labs keep their files: a folder that only another user may write to is found here, and not at the start. */
export function checkHome(home: string): Check {
  const name = "files";
  const fault = homeFault(home);
  if (fault === undefined) return { name, status: "ok", detail: `${home} can be used` };
  return {
    name,
    status: "block",
    detail: `cannot use ${home}: ${fault}`,
    hint: "--dir PATH or LBLAB_DIR puts the lab's files elsewhere",
  };
}

const MB = 1_000_000;

/** `freeBytesAt` returns the free space on the file system of an existing folder. */
export function checkDisk(home: string, freeBytesAt: (path: string) => number = freeBytes): Check {
  return amount("disk", "free disk space for logs", freeBytesAt(existing(home)), {
    warn: 500 * MB,
    block: 50 * MB,
  });
}

function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}

export function checkMemory(freeBytes: number): Check {
  return amount("memory", "free memory", freeBytes, { warn: 1000 * MB, block: 400 * MB });
}

/** Labs that ended without cleaning up. The next start on the same base does that. */
export function checkRuns(home: string): Check {
  const dir = join(home, "run");
  const names = existsSync(dir) ? readdirSync(dir).filter((name) => /^\d+$/.test(name)) : [];
  const found = names.map((base) => ({ base, state: inspectRun(join(dir, base)) }));
  const lines = found.flatMap(({ base, state }) => describeRun(base, state) ?? []);
  const stale = found.some(({ state }) => state.kind === "stale");
  return {
    name: "labs",
    status: stale ? "warn" : "ok",
    detail: lines.length === 0 ? "none is running, none was abandoned" : lines.join("; "),
    ...(stale
      ? { hint: "the next start on that base port cleans up, killing only what is proved to be the lab's" }
      : {}),
  };
}

function describeRun(base: string, state: RunState): string | undefined {
  if (state.kind === "none") return undefined;
  if (state.kind === "running")
    return `one runs on base port ${base} (pid ${state.supervisor.pid}, since ${state.supervisor.startedAt})`;
  const drill = state.supervisor?.drill;
  const left = state.leftovers.map(({ unit, pid }) => `${unit} (pid ${pid})`).join(", ");
  const what = `one was abandoned on base port ${base}${drill === undefined ? "" : ` in drill ${drill}`}`;
  return left === "" ? what : `${what} and left ${left}`;
}

function amount(name: string, what: string, bytes: number, least: { warn: number; block: number }): Check {
  const status = bytes < least.block ? "block" : bytes < least.warn ? "warn" : "ok";
  const detail = `${Math.floor(bytes / MB)} MB of ${what}`;
  const hint = `a lab wants ${least.warn / MB} MB, and cannot do with less than ${least.block / MB} MB`;
  return { name, status, detail, values: { bytes }, ...(status === "ok" ? {} : { hint }) };
}

function existing(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : existing(dirname(path));
}
