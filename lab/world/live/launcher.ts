import { spawn, type ChildProcess } from "node:child_process";
import { closeSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "../../../runtime/errors.ts";
import type { HandoverMessage } from "../../../runtime/handover.ts";
import { failedLaunch, noProgram, type Launch, type ProcessEvents, type UnitMessage } from "../launch.ts";
import { keysFor, type RunKeys } from "../run-keys.ts";
import { shownConfig, type UnitConfig } from "../unit-config.ts";
import { replaceWhole } from "../run/exclusive-file.ts";
import { openOwnLog } from "../run/own-log.ts";
import type { RunDir } from "../run/run-dir.ts";
import { MARKER_VARIABLE } from "../run/run-files.ts";

export interface LauncherConfig {
  /** The Node binary. */
  readonly node: string;
  /** Program name to the path of its main. */
  readonly programs: Readonly<Record<string, string>>;
  /** The supervisor's pid: this process. */
  readonly supervisorPid: number;
  /** PATH of the children. */
  readonly searchPath: string;
  /** See `findSetpriv`; undefined: children watch their parent themselves. */
  readonly setpriv: string | undefined;
  readonly keys: RunKeys;
}

/** A lab is twenty processes on a laptop: each with a small young generation and one helper thread. */
const NODE_FLAGS = ["--max-semi-space-size=1", "--v8-pool-size=1"];

/** The programs of the lab in a build. */
export function builtPrograms(dist: string): Readonly<Record<string, string>> {
  return {
    balancer: join(dist, "lb/main.js"),
    backend: join(dist, "backends/main.js"),
    probe: join(dist, "lab/probe/main.js"),
    load: join(dist, "lab/load/main.js"),
    evaluator: join(dist, "lab/observe/main.js"),
  };
}

/** Launches units as child processes with a configuration file, a log file, a message channel, and little environment. */
export function createLauncher(config: LauncherConfig, runDir: RunDir): Launch {
  const { node, programs, setpriv, supervisorPid } = config;
  // Anyone can read a process's environment: it holds nothing of a drill.
  const env = {
    PATH: config.searchPath,
    LANG: "C.UTF-8",
    NO_COLOR: "1",
    [MARKER_VARIABLE]: runDir.marker,
    LBLAB_SUPERVISOR: String(supervisorPid),
    ...(setpriv === undefined ? {} : { LBLAB_PDEATHSIG: "1" }),
  };

  return ({ unit, program, config: unitConfig, keys }, events) => {
    const configPath = join(runDir.paths.units, `${unit}.json`);
    const named = (content: UnitConfig): UnitConfig => ({ ...content, name: unit });
    // A copy for people: the process reads its configuration from the channel.
    const writeConfig = (content: UnitConfig) =>
      replaceWhole(configPath, JSON.stringify(shownConfig(named(content)), undefined, 2));
    let child: ChildProcess | undefined;
    try {
      const main = programs[program];
      if (main === undefined) throw new Error(noProgram(program));
      writeConfig(unitConfig);
      const command = [node, ...NODE_FLAGS, main, configPath];
      const [file = node, ...args] = setpriv ? [setpriv, "--pdeathsig", "KILL", "--", ...command] : command;
      const log = openOwnLog(join(runDir.paths.logs, `${unit}.log`));
      try {
        const stdio = ["ignore" as const, log, log, "ipc" as const];
        child = spawn(file, args, { cwd: runDir.paths.root, env, stdio });
      } finally {
        closeSync(log);
      }
      if (child.pid !== undefined) runDir.recordChild(unit, child.pid);
      handOver(child, {
        type: "handover",
        config: named(unitConfig),
        keys: keysFor(config.keys, keys),
      });
    } catch (error) {
      child?.kill("SIGKILL");
      return failedLaunch(events, messageOf(error));
    }
    const running = child;
    const { pid } = running;
    relay(running, events, () => pid !== undefined && runDir.forgetChild(pid));
    return {
      pid,
      signal: (name) => void running.kill(name),
      reload(changed) {
        writeConfig(changed);
        running.kill("SIGHUP");
      },
    };
  };
}

function handOver(child: ChildProcess, message: HandoverMessage): void {
  // If the process ends before it has read this, its exit is reported.
  if (child.connected) child.send(message, () => {});
}

function relay(child: ChildProcess, events: ProcessEvents, onEnd: () => void): void {
  child.on("message", (message) => {
    if (isUnitMessage(message)) events.message(message);
  });
  child.once("exit", (code, signal) => {
    onEnd();
    events.exit({ code: code ?? undefined, signal: signal ?? undefined });
  });
  child.on("error", (error) => {
    // Anything but a failure to start ends in an exit of its own.
    if (child.pid === undefined) events.exit({ code: undefined, signal: undefined, error: error.message });
  });
}

function isUnitMessage(message: unknown): message is UnitMessage {
  return (
    typeof message === "object" && message !== null && "type" in message && typeof message.type === "string"
  );
}
