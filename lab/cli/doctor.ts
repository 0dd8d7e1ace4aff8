import { resolve } from "node:path";
import Table from "cli-table3";
import type { Clock } from "../../runtime/clock.ts";
import { EXIT } from "../../runtime/errors.ts";
import { runRoot } from "../world/live/run-dir.ts";
import { inspectRun } from "../world/live/stale.ts";
import {
  checkDisk,
  checkHome,
  checkMemory,
  checkNode,
  checkPorts,
  checkRuns,
  checkSetpriv,
  checkTimers,
  type Check,
} from "./doctor-checks.ts";

/** What `lblab doctor --json` prints. */
export interface DoctorReport {
  readonly schemaVersion: 1;
  /** False when something blocks. */
  readonly ok: boolean;
  readonly checks: readonly Check[];
}

export interface DoctorConfig {
  /** Where the lab keeps its files: `.lab`. */
  readonly home: string;
  readonly base: number;
}

/** What is asked of the machine and the process; the main supplies it. */
export interface DoctorDeps {
  readonly clock: Clock;
  readonly nodeVersion: string;
  /** PATH. */
  readonly searchPath: string;
  readonly freeMemoryBytes: number;
}

/** Looks whether this machine can hold a lab, in about a second, and changes nothing. Throws USAGE for a base out of range. */
export async function examine(
  { home: given, base }: DoctorConfig,
  { clock, nodeVersion, searchPath, freeMemoryBytes }: DoctorDeps,
): Promise<DoctorReport> {
  const home = resolve(given);
  const checks: Check[] = [
    checkNode(nodeVersion),
    // Before anything that keeps the processor busy.
    await checkTimers(clock),
    await checkPorts(base, inspectRun(runRoot(home, base))),
    checkSetpriv(searchPath),
    checkHome(home),
    checkDisk(home),
    checkMemory(freeMemoryBytes),
    checkRuns(home),
  ];
  return { schemaVersion: 1, ok: checks.every((check) => check.status !== "block"), checks };
}

/** 3 when something blocks. */
export function doctorExitCode({ ok }: DoctorReport): number {
  return ok ? EXIT.ok : EXIT.environment;
}

/** The report as a table for people, without colours. */
export function doctorTable({ ok, checks }: DoctorReport): string {
  const table = new Table({
    head: ["check", "", "found"],
    style: { head: [], border: [] },
    colWidths: [10, 7, 80],
    wordWrap: true,
  });
  for (const { name, status, detail, hint } of checks)
    table.push([name, status, hint === undefined ? detail : `${detail}\n-> ${hint}`]);
  return `${table.toString()}\n${ok ? "This machine can hold a lab." : "A lab would not start here."}`;
}
