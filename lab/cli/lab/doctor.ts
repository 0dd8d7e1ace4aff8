import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import type { Clock } from "../../../runtime/clock.ts";
import { EXIT } from "../../../runtime/errors.ts";
import { callHttp } from "../../../runtime/http-call.ts";
import { runRoot } from "../../world/run/run-dir.ts";
import { inspectRun } from "../../world/run/stale.ts";
import {
  checkDisk,
  checkHome,
  checkInstallation,
  checkMemory,
  checkNode,
  checkPorts,
  checkRequests,
  checkRuns,
  checkSetpriv,
  checkTimers,
  type AskOnce,
  type Check,
} from "./doctor-checks.ts";
import type { Installation } from "./installation.ts";
import { table } from "../tables.ts";

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

/** Facts of the machine and the process; the main module supplies them. */
export interface DoctorDeps {
  readonly clock: Clock;
  readonly nodeVersion: string;
  /** PATH. */
  readonly searchPath: string;
  readonly freeMemoryBytes: number;
  /** See doctor-docker.ts. */
  readonly checkDocker: () => Promise<Check>;
  readonly installation: Installation;
}

/** Looks whether this machine can hold a lab, in about two seconds, and changes nothing. Throws USAGE for a base out of range. */
export async function examine(
  { home: given, base }: DoctorConfig,
  { clock, nodeVersion, searchPath, freeMemoryBytes, checkDocker, installation }: DoctorDeps,
): Promise<DoctorReport> {
  const home = resolve(given);
  const checks: Check[] = [
    checkNode(nodeVersion),
    checkInstallation(installation),
    // Before anything that keeps the processor busy.
    await checkTimers(clock),
    await withEchoServer((ask) => checkRequests(clock, ask)),
    await checkPorts(base, inspectRun(runRoot(home, base))),
    checkSetpriv(searchPath),
    checkHome(home),
    checkDisk(home),
    checkMemory(freeMemoryBytes),
    checkRuns(home),
    await checkDocker(),
  ];
  return { schemaVersion: 1, ok: checks.every((check) => check.status !== "block"), checks };
}

/** 3 when something blocks. */
export function doctorExitCode({ ok }: DoctorReport): number {
  return ok ? EXIT.ok : EXIT.environment;
}

/** The report as a table for people, without colours. `width` in characters. */
export function doctorTable({ ok, checks }: DoctorReport, width = Infinity): string {
  const rows = checks.map(({ name, status, detail, hint }) => [
    name,
    status,
    hint === undefined ? detail : `${detail}\n-> ${hint}`,
  ]);
  const found = table(["check", "", { head: "found", wrap: true }], rows, width);
  return `${found}\n\n${ok ? "This machine can hold a lab." : "A lab would not start here."}`;
}

/** A slower answer fails the check. */
const ANSWER_WITHIN_MS = 10_000;

/** A server of this process on any free port of the loopback, for as long as `use` takes. */
async function withEchoServer<T>(use: (ask: AskOnce) => Promise<T>): Promise<T> {
  const server = createServer((_request, response) => response.end("ok"));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  try {
    return await use(async () => {
      await callHttp({ origin: `http://127.0.0.1:${port}`, path: "/", withinMs: ANSWER_WITHIN_MS });
    });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
