import { spawn } from "node:child_process";
import { existsSync, openSync, readFileSync } from "node:fs";
import { freemem } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { sleep, systemClock } from "../../../runtime/clock.ts";
import { CodedError, EXIT } from "../../../runtime/errors.ts";
import { aborted } from "../../../runtime/aborted.ts";
import { PLAIN_SHOP } from "../../../scenarios/index.ts";
import { pageLink } from "../../control/page-link.ts";
import { makeHome } from "../../world/run/home.ts";
import { DEFAULT_BASE_PORT, portPlan } from "../../world/ports.ts";
import { runPaths } from "../../world/run/run-files.ts";
import { runRoot } from "../../world/run/run-dir.ts";
import { inspectRun } from "../../world/run/stale.ts";
import { seedOf, seedOption, worldOption } from "../arguments.ts";
import { notePage, withLab, type Context, type Runner } from "../context.ts";
import { inspectInstallation } from "./installation.ts";
import { basesIn, connect, type Settings } from "../settings.ts";

/** up, down, doctor. */
export function addLabCommands(program: Command, { run }: Runner): void {
  program
    .command("up")
    .description("bring the lab up without a drill, in the background")
    .option("--foreground", "stay in the foreground")
    .addOption(worldOption())
    .addOption(seedOption())
    .action(run(up));
  program.command("down").description("take the running lab down").action(run(down));
  program
    .command("doctor")
    .description("whether this machine can hold a lab")
    .addOption(worldOption())
    .action(run(doctor));
}

async function up(context: Context, command: Command): Promise<number> {
  const flags = command.opts<{ foreground?: boolean; seed?: number }>();
  if (flags.foreground !== true) return upInBackground(context);
  const { output, signal: interrupted } = context;
  return withLab(context, seedOf(flags.seed), async (lab, signal) => {
    const { topology, workload } = PLAIN_SHOP;
    await Promise.race([lab.up(topology, workload), aborted(signal)]);
    if (!signal.aborted) output.note(`the lab is up on http://${lab.listener}/`);
    await aborted(signal);
    return interrupted.aborted ? EXIT.interrupted : EXIT.ok;
  });
}

/** Containers come slowly, and before the first of them there may be images to fetch and one to build. */
const UP_WITHIN_MS = { live: 30_000, docker: 600_000 } as const;

/** Starts the same command again with --foreground, detached, and waits until its units serve. */
async function upInBackground({ output, settings, dist, signal }: Context): Promise<number> {
  makeHome(settings.home);
  const base = settings.portBase ?? DEFAULT_BASE_PORT;
  const log = join(settings.home, `up-${base}.log`);
  const data = join(settings.home, `up-${base}.out`);
  const [out, err] = [data, log].map((path) => openSync(path, "w", 0o600));
  const args = [join(dist, "lab/cli/main.js"), ...process.argv.slice(2), "--foreground"];
  const child = spawn(process.execPath, args, { detached: true, stdio: ["ignore", out, err] });
  child.unref();
  let exited: number | null | undefined;
  child.once("exit", (code) => (exited = code));
  const withinMs = UP_WITHIN_MS[settings.world];
  const deadline = systemClock.now() + withinMs;
  while (systemClock.now() < deadline) {
    if (exited !== undefined) {
      process.stdout.write(readFileSync(data, "utf8"));
      process.stderr.write(readFileSync(log, "utf8"));
      return exited ?? EXIT.environment;
    }
    // Another lab there is not the one to report.
    const found = inspectRun(runRoot(settings.home, base));
    const ours = found.kind === "running" && found.supervisor.pid === child.pid;
    const status = ours ? await statusOf({ ...settings, portBase: base }) : undefined;
    if (status && status.units.length > 0 && status.units.every(({ state }) => state === "active")) {
      if (output.json) output.printJson({ schemaVersion: 1, listener: status.listener, pid: child.pid });
      else output.print(`the lab is up on http://${status.listener}/; npx lblab down takes it down`);
      if (existsSync(join(dist, "console", "index.html")))
        notePage(output, pageLink(portPlan(base).control, readRunToken(settings.home, base)), settings);
      return EXIT.ok;
    }
    await sleep(systemClock, 100, signal).catch((error: unknown) => {
      child.kill("SIGTERM");
      throw error;
    });
  }
  child.kill("SIGTERM");
  throw new CodedError("ENVIRONMENT", `the lab did not come up within ${withinMs / 1000} s; see ${log}`);
}

const readRunToken = (home: string, base: number): string =>
  readFileSync(runPaths(runRoot(home, base)).token, "utf8").trim();

const statusOf = (settings: Settings) =>
  Promise.resolve()
    .then(() => connect(settings).status())
    .catch(() => undefined);

/** Processes take a few seconds at most, containers longer. */
const DOWN_WITHIN_MS = 60_000;

async function down(context: Context): Promise<void> {
  const { output, settings, signal } = context;
  try {
    await connect(settings, signal).down();
  } catch (error) {
    if (!isNotRunning(error) || !(await clearedAway(context))) throw error;
    reportedDown(output);
    return;
  }
  const deadline = systemClock.now() + DOWN_WITHIN_MS;
  while (systemClock.now() < deadline) {
    await sleep(systemClock, 50, signal);
    try {
      connect(settings);
    } catch (error) {
      if (!isNotRunning(error)) throw error;
      reportedDown(output);
      return;
    }
  }
  throw new CodedError("ENVIRONMENT", `the lab has not come down within ${DOWN_WITHIN_MS / 1000} s`);
}

const isNotRunning = (error: unknown): boolean =>
  error instanceof CodedError && error.code === "LAB_NOT_RUNNING";

function reportedDown(output: Context["output"]): void {
  if (output.json) output.printJson({ schemaVersion: 1, ok: true });
  else output.note("the lab is down");
}

/** Removes containers that a dead lab left running, since they do not end with their supervisor; true when there were any. */
async function clearedAway({ output, settings: { home, portBase } }: Context): Promise<boolean> {
  const { clearContainers, mayHaveContainers } = await import("../../control/docker.ts");
  const bases = (portBase === undefined ? basesIn(home) : [portBase]).filter((base) =>
    mayHaveContainers(home, base),
  );
  const onProgress = (line: string): void => output.note(`  ${line}`);
  for (const base of bases)
    await clearContainers({ home, base, environment: process.env }, { clock: systemClock, onProgress });
  return bases.length > 0;
}

async function doctor({ output, settings, root, dist }: Context): Promise<number> {
  const { doctorExitCode, doctorTable, examine } = await import("./doctor.ts");
  const { checkDocker } = await import("./doctor-docker.ts");
  const wanted = settings.world === "docker";
  const found = await examine(
    { home: settings.home, base: settings.portBase ?? DEFAULT_BASE_PORT },
    {
      clock: systemClock,
      nodeVersion: process.version,
      searchPath: process.env["PATH"] ?? "",
      freeMemoryBytes: freemem(),
      checkDocker: () => checkDocker({ environment: process.env, root, wanted }),
      installation: inspectInstallation(root, dist),
    },
  );
  if (output.json) output.printJson(found);
  else output.print(doctorTable(found, output.width));
  return doctorExitCode(found);
}
