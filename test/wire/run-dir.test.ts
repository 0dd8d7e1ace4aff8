import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { boundLogs } from "../../lab/world/run/log-bound.ts";
import { assertPortsFree } from "../../lab/world/taken-ports.ts";
import { claimRunDir, runRoot, type RunDirDeps } from "../../lab/world/run/run-dir.ts";
import { runPaths } from "../../lab/world/run/run-files.ts";
import { inspectRun } from "../../lab/world/run/stale.ts";
import { systemClock as clock } from "../../runtime/clock.ts";
import { identify } from "../../runtime/process-identity.ts";
import { createManualClock } from "../support/manual-clock.ts";
import { until } from "../support/until.ts";

let home: string;
let children: ChildProcess[];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "lab-"));
  children = [];
});
afterEach(() => {
  children.forEach((child) => child.kill("SIGKILL"));
  rmSync(home, { recursive: true, force: true });
});

const claim = (onStale?: RunDirDeps["onStale"]) =>
  claimRunDir({ home, base: 8080, ports: [8080], pid: process.pid }, { clock, ...(onStale && { onStale }) });
const root = () => runRoot(home, 8080);

/** A process that does nothing until it is killed. */
async function idler(env: Record<string, string> = {}): Promise<number> {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 60000); console.log('up')"], { env });
  children.push(child);
  await new Promise((resolve) => child.stdout.once("data", resolve));
  return child.pid ?? 0;
}

/** Leaves the directory as a supervisor does that was killed; `about` is its file's text. */
async function abandon(
  about: Record<string, unknown>,
  leftovers: readonly { pid: number; marker: string }[],
) {
  const dir = await claim();
  const paths = runPaths(root());
  const supervisor = JSON.parse(readFileSync(paths.supervisor, "utf8")) as object;
  dir.release();
  writeFileSync(paths.supervisor, JSON.stringify({ ...supervisor, ...about }));
  writeFileSync(paths.token, "old");
  const marker = leftovers[0]?.marker ?? "m";
  const records = leftovers.map(({ pid }) => ({ ...identify(pid), unit: `unit-${pid}` }));
  writeFileSync(paths.children, JSON.stringify({ marker, children: records }));
}

test("of labs that start at once on one base, one gets it", async () => {
  const results = await Promise.allSettled([claim(), claim(), claim()]);
  const got = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const codes = results.flatMap((result) =>
    result.status === "rejected" ? [(result.reason as { code: string }).code] : [],
  );
  expect(got).toHaveLength(1);
  expect(codes).toEqual(["LAB_RUNNING", "LAB_RUNNING"]);
  got[0]?.release();
});

test("a base is free again once its lab has released it, and the token changes", async () => {
  const first = await claim();
  await expect(claim()).rejects.toMatchObject({ code: "LAB_RUNNING", exitCode: 3 });
  first.release();
  expect(inspectRun(root())).toEqual({ kind: "none" });
  const second = await claim();
  expect(second.token).toMatch(/^[0-9a-f]{64}$/);
  expect(second.token).not.toBe(first.token);
  expect(readFileSync(second.paths.token, "utf8").trim()).toBe(second.token);
  second.release();
});

test("a supervisor's pid that another process has now does not make a lab running", async () => {
  const foreignProgram = await idler();
  await abandon({ pid: foreignProgram }, []);
  expect(inspectRun(root())).toMatchObject({ kind: "stale", leftovers: [] });
  await abandon({ ...identify(foreignProgram) }, []);
  expect(inspectRun(root()).kind).toBe(existsSync("/proc/self/fd") ? "stale" : "running");
});

test("only processes with the run's marker are ended, whatever the record says", async () => {
  const [ours, marked, foreignProgram] = [
    await idler({ LBLAB_RUN: "abc" }),
    await idler({ LBLAB_RUN: "abcd" }),
    await idler(),
  ];
  const leftovers = [ours, marked, foreignProgram].map((pid) => ({ pid, marker: "abc" }));
  await abandon({ startTime: "long ago", drill: "d-1" }, leftovers);
  const reported: unknown[] = [];
  const next = await claim((found) =>
    reported.push(
      found.supervisor?.drill,
      found.leftovers.map((one) => one.pid),
    ),
  );
  expect(reported).toEqual(["d-1", [ours]]);
  expect([ours, marked, foreignProgram].map((pid) => identify(pid) !== undefined)).toEqual([
    false,
    true,
    true,
  ]);
  next.release();
});

test("a supervisor's file that cannot be read is an abandoned run", async () => {
  await abandon({}, []);
  writeFileSync(runPaths(root()).supervisor, "{");
  expect(inspectRun(root())).toEqual({ kind: "stale", supervisor: undefined, leftovers: [] });
  (await claim()).release();
});

test("a claim left by a process that is gone is taken over", async () => {
  (await claim()).release();
  writeFileSync(runPaths(root()).claim, JSON.stringify({ pid: process.pid, startTime: "long ago" }));
  (await claim()).release();
  expect(existsSync(runPaths(root()).claim)).toBe(false);
});

test("a drill is noted for later commands", async () => {
  const dir = await claim();
  dir.noteDrill("d-7");
  expect(inspectRun(root())).toMatchObject({ kind: "running", supervisor: { drill: "d-7", ports: [8080] } });
  dir.release();
});

test("a directory that cannot be used is an environment error that names it", async () => {
  writeFileSync(join(home, "run"), "a file in the way");
  await expect(claim()).rejects.toMatchObject({
    code: "ENVIRONMENT",
    message: expect.stringContaining(root()),
  });
});

test("every port in the way is named at once, with its holder and the way out", async () => {
  const servers: Server[] = [createServer(), createServer()];
  const ports: number[] = [];
  for (const server of servers) {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    ports.push((server.address() as AddressInfo).port);
  }
  const error = (await assertPortsFree(ports).catch((thrown: unknown) => thrown)) as Error & { hint: string };
  expect(error).toMatchObject({ code: "PORT_IN_USE", exitCode: 3 });
  for (const port of ports)
    expect(error.message).toContain(`port ${port} is in use by node (pid ${process.pid}`);
  expect(error.hint).toContain("--port-base");
  for (const server of servers) await new Promise((resolve) => server.close(resolve));
  await assertPortsFree(ports);
});

test("a log that has outgrown its limit is put aside, and its writer goes on", async () => {
  const dir = await claim();
  const log = join(dir.paths.logs, "web.log");
  const manual = createManualClock();
  const stop = boundLogs(dir.paths.logs, manual, 100);
  const writer = spawn("sh", ["-c", `exec >>'${log}'; read a; printf '%0200d\\n' 1; read b; echo after`]);
  children.push(writer);
  writer.stdin.write("\n");
  await until(() => existsSync(log) && statSync(log).size === 201, "the first lines");
  manual.advance(2000);
  expect([statSync(log).size, statSync(`${log}.1`).size]).toEqual([0, 201]);
  writer.stdin.write("\n");
  await until(() => readFileSync(log, "utf8") === "after\n", "the writer's next line");
  stop();
  dir.release();
});
