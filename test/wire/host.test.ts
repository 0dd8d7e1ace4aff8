import { fork, type ChildProcess } from "node:child_process";
import { lstatSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Host, UnitDefinition, UnitEvent, UnitState } from "../../lab/world/host.ts";
import type { UnitMessage } from "../../lab/world/launch.ts";
import { createRunKeys } from "../../lab/world/run-keys.ts";
import { createLiveHost } from "../../lab/world/live/host.ts";
import { claimRunDir, runRoot, type RunDir } from "../../lab/world/run/run-dir.ts";
import { findSetpriv } from "../../lab/world/live/setpriv.ts";
import { inspectRun } from "../../lab/world/run/stale.ts";
import { systemClock as clock } from "../../runtime/clock.ts";
import { identify } from "../../runtime/process-identity.ts";
import { seeded } from "../../runtime/random.ts";
import { buildParts } from "../support/build-parts.ts";
import { until } from "../support/until.ts";

const PROGRAMS = resolve(import.meta.dirname, "../support/programs");
const programs = { child: join(PROGRAMS, "child.mjs"), "unit-main": join(PROGRAMS, "unit-main.mjs") };
const searchPath = process.env["PATH"] ?? "";
const setpriv = findSetpriv(searchPath);

let home: string;
let runDir: RunDir;
let host: Host;
let events: UnitEvent[];

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), "lab-"));
  runDir = await claimRunDir({ home, base: 8080, ports: [], pid: process.pid }, { clock });
  host = openHost();
  events = [];
  host.onEvent((event) => events.push(event));
});

afterEach(async () => {
  await host.dispose();
  runDir.release();
  rmSync(home, { recursive: true, force: true });
});

const keys = createRunKeys();

function openHost(ports: readonly number[] = []): Host {
  const node = process.execPath;
  return createLiveHost(
    { node, programs, supervisorPid: process.pid, searchPath, setpriv, ports, keys },
    { clock, runDir },
  );
}

function unit(name: string, behave: string, change: Partial<UnitDefinition> = {}): UnitDefinition {
  return {
    name,
    description: "a process of the tests",
    program: "child",
    config: { behave },
    restart: { when: "on-failure", delayMs: 50, startLimit: { burst: 3, intervalMs: 60_000 } },
    stopTimeoutMs: 10_000,
    enabled: true,
    ...change,
  };
}

const view = (name: string) => host.unit(name)?.view;
const reaches = (name: string, state: UnitState) =>
  until(() => view(name)?.state === state, `${name} to be ${state}`);

async function started(definition: UnitDefinition): Promise<number> {
  host.add(definition).start();
  await reaches(definition.name, "active");
  return view(definition.name)?.pid ?? 0;
}

test("a unit runs with its configuration file, its log and no more environment than it needs", async () => {
  const messages: UnitMessage[] = [];
  host.onMessage("web-1", (message) => messages.push(message));
  const pid = await started(unit("web-1", "serve"));
  const reported = await until(
    () => messages.find((one) => one.type === "environment"),
    "the child's message",
  );
  expect(reported).toMatchObject({ pid, cwd: runDir.paths.root });
  expect(reported["argv"]).toEqual([
    process.execPath,
    programs.child,
    join(runDir.paths.units, "web-1.json"),
  ]);
  const names = Object.keys(reported["env"] as object).filter((name) => !name.startsWith("NODE_CHANNEL_"));
  const expected = ["LANG", "LBLAB_RUN", "LBLAB_SUPERVISOR", "NO_COLOR", "PATH"];
  expect(names.sort()).toEqual([...expected, ...(setpriv ? ["LBLAB_PDEATHSIG"] : [])].sort());
  expect(readFileSync(join(runDir.paths.logs, "web-1.log"), "utf8")).toBe("web-1 started\n");
});

test("a link in the place of a unit's log leads none of its lines elsewhere", async () => {
  const elsewhere = join(home, "elsewhere");
  writeFileSync(elsewhere, "as it was");
  symlinkSync(elsewhere, join(runDir.paths.logs, "web-1.log"));
  await started(unit("web-1", "serve"));
  await until(
    () => readFileSync(join(runDir.paths.logs, "web-1.log"), "utf8") === "web-1 started\n",
    "the log's line",
  );
  expect(lstatSync(join(runDir.paths.logs, "web-1.log")).isSymbolicLink()).toBe(false);
  expect(readFileSync(elsewhere, "utf8")).toBe("as it was");
});

test("a crash loop reaches the start limit and fails", async () => {
  host.add(unit("web-1", "crash")).start();
  await reaches("web-1", "failed");
  expect(view("web-1")).toMatchObject({ restarts: 2, lastExit: { code: 7 }, pid: undefined });
  expect(readFileSync(join(runDir.paths.logs, "web-1.log"), "utf8")).toBe("web-1 started\n".repeat(3));
});

test("a process killed from outside is started again", async () => {
  const pid = await started(unit("web-1", "serve"));
  process.kill(pid, "SIGKILL");
  await until(() => view("web-1")?.restarts === 1 && view("web-1")?.state === "active", "the restart");
  expect(view("web-1")).toMatchObject({ lastExit: { signal: "SIGKILL" } });
  expect(view("web-1")?.pid).not.toBe(pid);
});

test("a process that ignores SIGTERM is killed", async () => {
  await started(unit("web-1", "ignore-sigterm", { stopTimeoutMs: 100 }));
  host.unit("web-1")?.stop();
  await host.settled();
  expect(view("web-1")).toMatchObject({ state: "failed", lastExit: { signal: "SIGKILL" } });
});

test("a program that does not exist fails its unit with the reason", async () => {
  host.add(unit("web-1", "serve", { program: "missing" })).start();
  await reaches("web-1", "failed");
  expect(events.find((event) => event.to === "auto-restart")?.reason).toContain(
    "no program is called missing",
  );
});

test("a changed configuration is read at a reload, and at a restart", async () => {
  const messages: UnitMessage[] = [];
  host.onMessage("web-1", (message) => messages.push(message));
  await started(unit("web-1", "serve", { config: { behave: "serve", rate: 1 } }));
  host.unit("web-1")?.configure({ rate: "5" });
  host.unit("web-1")?.reload();
  const reported = await until(() => messages.find((one) => one.type === "config"), "the child's message");
  expect(reported["config"]).toEqual({ behave: "serve", rate: 5, name: "web-1" });
});

test("removing a package ends its units", async () => {
  const cache = {
    name: "cache",
    version: "1.0",
    description: "keeps pages",
    units: [unit("cache", "serve")],
  };
  expect(host.install(cache).ok).toBe(true);
  await reaches("cache", "active");
  const pid = view("cache")?.pid ?? 0;
  expect(await host.uninstall("cache")).toEqual({ ok: true, message: "removed cache 1.0" });
  expect(identify(pid)).toBeUndefined();
  expect(host.units()).toEqual([]);
});

test("a reboot brings every enabled unit back, in the order given", async () => {
  await started(unit("second", "serve"));
  await started(unit("first", "serve", { before: ["second"] }));
  await started(unit("users", "serve", { outside: true }));
  await started(unit("off", "serve", { enabled: false }));
  const users = view("users")?.pid;
  events.length = 0;
  await host.reboot(seeded(1));
  const order = events.map((event) => `${event.unit} ${event.to}`);
  expect(order.indexOf("first active")).toBeLessThan(order.indexOf("second activating"));
  expect(host.units().map((one) => `${one.name} ${one.state}`)).toEqual([
    "second active",
    "first active",
    "users active",
    "off inactive",
  ]);
  expect(view("users")?.pid).toBe(users);
});

test("ports are reported with their holder", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const other = openHost([port]);
  expect(await other.ports()).toEqual([{ port, pid: process.pid, program: "node", unit: undefined }]);
  await other.dispose();
  await new Promise((resolve) => server.close(resolve));
});

test("dispose ends even processes that ignore SIGTERM, and starts nothing any more", async () => {
  const pids = [
    await started(unit("polite", "serve")),
    await started(unit("deaf", "ignore-sigterm")),
    await started(unit("busy", "block")),
  ];
  host.add(unit("looping", "crash", { restart: { ...unit("", "").restart, delayMs: 60_000 } })).start();
  await reaches("looping", "auto-restart");
  await host.dispose();
  expect(pids.map((pid) => identify(pid))).toEqual([undefined, undefined, undefined]);
  expect(host.unit("polite")?.start().ok).toBe(false);
  runDir.release();
  expect(inspectRun(runRoot(home, 8080))).toEqual({ kind: "none" });
});

test("files of a run can be read by their owner only", async () => {
  await started(unit("web-1", "serve"));
  const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
  const { root, token, supervisor, children, units, logs } = runDir.paths;
  expect([root, units, logs].map(mode)).toEqual(["700", "700", "700"]);
  const files = [token, supervisor, children, join(units, "web-1.json"), join(logs, "web-1.log")];
  expect(files.map(mode)).toEqual(files.map(() => "600"));
});

describe("when the supervisor is killed", () => {
  let parts: ReturnType<typeof buildParts>;
  let supervisor: ChildProcess | undefined;
  let otherHome: string;
  let orphans: readonly number[] = [];

  beforeAll(() => {
    parts = buildParts([
      "runtime/aborted.ts",
      "lab/world/live/host.ts",
      "lab/world/run/run-dir.ts",
      "runtime/clock.ts",
      "runtime/unit-process.ts",
    ]);
  });
  beforeEach(() => {
    otherHome = mkdtempSync(join(tmpdir(), "lab-"));
  });
  afterEach(() => {
    supervisor?.kill("SIGKILL");
    // A loop without end must not outlive a test that failed.
    for (const pid of orphans) if (identify(pid)) process.kill(pid, "SIGKILL");
    rmSync(otherHome, { recursive: true, force: true });
  });
  afterAll(() => parts.remove());

  async function supervise(units: readonly UnitDefinition[], withSetpriv: boolean): Promise<number[]> {
    const spec = JSON.stringify({ programs, units, setpriv: withSetpriv ? setpriv : undefined });
    supervisor = fork(join(PROGRAMS, "supervisor.mjs"), [parts.build, otherHome, spec], { execArgv: [] });
    const reported = await new Promise<{ pids: number[]; states: string[] }>((resolve, reject) => {
      supervisor?.once("message", (message) => resolve(message as { pids: number[]; states: string[] }));
      supervisor?.once("exit", (code) => reject(new Error(`the supervisor ended with ${code}`)));
    });
    orphans = reported.pids;
    expect(reported.states).toEqual(units.map(() => "active"));
    return reported.pids;
  }

  const gone = (pids: readonly number[]) =>
    until(() => pids.every((pid) => !identify(pid)), "every child to be gone");

  test.skipIf(!setpriv)("the kernel ends its units, also one that blocks its event loop", async () => {
    const pids = await supervise([unit("polite", "serve"), unit("busy", "block")], true);
    supervisor?.kill("SIGKILL");
    await gone(pids);
    const found = inspectRun(runRoot(otherHome, 8080));
    expect(found).toMatchObject({ kind: "stale", leftovers: [], supervisor: { pid: supervisor?.pid } });
  });

  test("units that use the project's main end by themselves, also where the kernel does not help", async () => {
    const own = (behave: string) => ({ program: "unit-main", config: { behave, build: parts.build } });
    const units = [unit("polite", "", own("serve")), unit("busy", "", own("block"))];
    const pids = await supervise(units, false);
    supervisor?.kill("SIGKILL");
    await gone(pids);
  });

  test.each([
    // What it finds when it has been adopted: another parent than it was given.
    ["its parent is another", "1", false],
    ["its channel is closed", String(process.pid), true],
  ])("a unit ends at once when at its start %s", async (_why, reported, disconnect) => {
    const configPath = join(otherHome, "busy.json");
    writeFileSync(configPath, JSON.stringify({ name: "busy", build: parts.build, behave: "block" }));
    const env = { LBLAB_SUPERVISOR: reported, LBLAB_PDEATHSIG: "1" };
    const child = fork(programs["unit-main"], [configPath], { env, execArgv: [] });
    orphans = [child.pid ?? 0];
    const exited = new Promise((resolve) => child.once("exit", (code, signal) => resolve(code ?? signal)));
    child.once("message", () => child.kill("SIGKILL"));
    if (disconnect) child.disconnect();
    expect(await exited).toBe(0);
  });

  test("what outlives it is found, proved ours, and ended by the next lab", async () => {
    const pids = await supervise([unit("busy", "block")], false);
    supervisor?.kill("SIGKILL");
    await until(() => identify(supervisor?.pid ?? 0) === undefined, "the supervisor to be gone");
    const found = inspectRun(runRoot(otherHome, 8080));
    expect(found).toMatchObject({ kind: "stale", leftovers: [{ pid: pids[0], unit: "busy" }] });
    const reported: string[] = [];
    const next = await claimRunDir(
      { home: otherHome, base: 8080, ports: [], pid: process.pid },
      { clock, onStale: (stale) => reported.push(...stale.leftovers.map((one) => one.unit)) },
    );
    expect(reported).toEqual(["busy"]);
    expect(pids.map((pid) => identify(pid))).toEqual([undefined]);
    next.release();
  });
});
