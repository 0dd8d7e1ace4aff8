import { appendFileSync, closeSync } from "node:fs";
import { join } from "node:path";
import { every, type Clock } from "../../../runtime/clock.ts";
import { messageOf } from "../../../runtime/errors.ts";
import { LEASE_EVERY_MS } from "../../../runtime/supervisor-input.ts";
import { MESSAGE_PREFIX } from "../../../runtime/unit-process.ts";
import {
  failedLaunch,
  type Launch,
  type LaunchRequest,
  type ProcessEvents,
  type UnitMessage,
} from "../launch.ts";
import { replaceWhole } from "../run/exclusive-file.ts";
import type { Handover } from "../../../runtime/handover.ts";
import { keysFor, type RunKeys } from "../run-keys.ts";
import type { UnitConfig } from "../unit-config.ts";
import { HOST_SERVICE } from "./containerised.ts";
import { PROGRAMS, UNITS_DIR } from "./compose-file.ts";
import type { DockerEngine } from "./engine.ts";
import { openOwnLog } from "../run/own-log.ts";

export interface DockerLauncherConfig {
  /** Directory of the units' configurations, which the containers see as UNITS_DIR. */
  readonly unitsDir: string;
  readonly logsDir: string;
  readonly image: string;
  readonly user: string;
  /** What a unit's configuration says inside a container: names for addresses. */
  readonly inside: (unit: string, config: UnitConfig) => UnitConfig;
  /**
   * Passed with the configuration on a container's standard input at each start, whatever caused it: an act, the
   * unit's restart policy, a reboot. Only the process sees it: it is in no file, environment or argument, and
   * neither `docker inspect` nor `docker logs` shows it.
   */
  readonly keys: RunKeys;
}

export interface DockerLauncherDeps {
  readonly clock: Clock;
  readonly engine: DockerEngine;
  readonly ids: ContainerIds;
}

/** The containers that units run in, by the units' names; filled when Compose has made them. */
export type ContainerIds = Map<string, string>;

/** Launches units as containers: started anew for each start of the unit, with messages over standard input and output. */
export function createDockerLauncher(
  config: DockerLauncherConfig,
  { clock, engine, ids }: DockerLauncherDeps,
): Launch {
  const { unitsDir, logsDir, inside } = config;
  const named = (unit: string, content: UnitConfig): UnitConfig => ({ ...inside(unit, content), name: unit });
  const writeConfig = (unit: string, content: UnitConfig): void =>
    replaceWhole(join(unitsDir, `${unit}.json`), JSON.stringify(named(unit, content), undefined, 2), 0o644);
  const handover = ({ unit, config: given, keys }: LaunchRequest): Handover => ({
    config: named(unit, given),
    keys: keysFor(config.keys, keys),
  });

  async function runOnce(request: LaunchRequest, events: ProcessEvents, running: Running): Promise<void> {
    const { unit } = request;
    const id = await containerOf(request, config, { engine, ids });
    const { ended, write } = await engine.follow(id, (line) => {
      const message = messageIn(line);
      if (message) events.message(message);
      else appendLine(join(logsDir, `${unit}.log`), line);
    });
    await engine.start(id);
    write(`${JSON.stringify(handover(request))}\n`);
    const stopLease = every(clock, LEASE_EVERY_MS, () => write("\n"));
    void ended.then(stopLease);
    running.id = id;
    running.pid = await engine.pid(id).catch(() => undefined);
    // Signals that came before the process did.
    for (const name of running.asked) await engine.signal(id, name).catch(() => {});
    const code = await engine.wait(id);
    await ended;
    // A shell, and Docker, report a signal as 128 plus its number.
    const signal = code === 137 ? "SIGKILL" : code === 143 ? "SIGTERM" : undefined;
    events.exit({ code: signal === undefined ? code : undefined, signal });
  }

  return (request, events) => {
    const running: Running = { id: undefined, pid: undefined, asked: [] };
    const signal = (name: "SIGTERM" | "SIGKILL" | "SIGHUP"): void => {
      if (running.id === undefined) running.asked.push(name);
      // A container that has ended meanwhile needs no signal.
      else engine.signal(running.id, name).catch(() => {});
    };
    try {
      writeConfig(request.unit, request.config);
    } catch (error) {
      return failedLaunch(events, messageOf(error));
    }
    runOnce(request, events, running).catch((error: unknown) => failedLaunch(events, messageOf(error)));
    return {
      get pid() {
        return running.pid;
      },
      signal,
      reload(changed) {
        writeConfig(request.unit, changed);
        signal("SIGHUP");
      },
    };
  };
}

/** A container that Compose did not make belongs to a package's unit: it runs on the balancer's machine. */
async function containerOf(
  { unit, program }: LaunchRequest,
  { unitsDir, image, user }: Pick<DockerLauncherConfig, "unitsDir" | "image" | "user">,
  { engine, ids }: Pick<DockerLauncherDeps, "engine" | "ids">,
): Promise<string> {
  const known = ids.get(unit);
  if (known !== undefined) return known;
  const machine = ids.get(HOST_SERVICE);
  if (machine === undefined) throw new Error("the machine's own container is missing");
  const command = [PROGRAMS[program] ?? program, `${UNITS_DIR}/${unit}.json`];
  const made = await engine.create({ unit, image, command, machine, unitsDir, user });
  ids.set(unit, made);
  return made;
}

interface Running {
  id: string | undefined;
  pid: number | undefined;
  asked: ("SIGTERM" | "SIGKILL" | "SIGHUP")[];
}

function messageIn(line: string): UnitMessage | undefined {
  if (!line.startsWith(MESSAGE_PREFIX)) return undefined;
  try {
    return JSON.parse(line.slice(MESSAGE_PREFIX.length)) as UnitMessage;
  } catch {
    // Cut off by the process's end.
    return undefined;
  }
}

function appendLine(path: string, line: string): void {
  const log = openOwnLog(path);
  try {
    appendFileSync(log, `${line}\n`);
  } finally {
    closeSync(log);
  }
}
