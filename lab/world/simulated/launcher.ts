import type { Clock } from "../../../runtime/clock.ts";
import { CodedError, EXIT, messageOf } from "../../../runtime/errors.ts";
import { logFatal, type Log } from "../../../runtime/log.ts";
import type { KeyName, Keys } from "../../../runtime/keys.ts";
import type { Random } from "../../../runtime/random.ts";
import {
  failedLaunch,
  noProgram,
  type Launch,
  type LaunchedProcess,
  type LaunchRequest,
  type ProcessEvents,
  type ProcessExit,
} from "../launch.ts";
import type { LogBook } from "./log-book.ts";
import type { Network } from "./network.ts";
import type { Program } from "./process.ts";
import type { VirtualTime } from "./virtual-time.ts";

export interface LauncherDeps {
  readonly time: VirtualTime;
  readonly random: Random;
  readonly network: Network;
  readonly logs: LogBook;
  /** The run's keys that a unit gets. */
  readonly keysFor: (names: readonly KeyName[]) => Keys;
  readonly programs: Readonly<Record<string, Program>>;
}

/** From the launch to the program's first line: Node's start on a laptop where twenty others start, too. */
const STARTUP = { meanMs: 400, sigma: 0.25 } as const;
/** Until the supervisor learns of a signal's effect, or of an exit. */
const NOTICE_MS = 1;
const FIRST_PID = 1000;

/** Launches units as processes in memory. What they share, ports above all, is the network's. */
export function createSimulatedLauncher(deps: LauncherDeps): Launch {
  const supervisor = deps.time.clock("promises");
  let nextPid = FIRST_PID;

  return ({ unit, program, config, keys }, events) => {
    const main = deps.programs[program];
    if (!main) return failedLaunch(events, noProgram(program));
    return launched(main, { ...deps, supervisor, pid: nextPid++, unit, config, keys }, events);
  };
}

interface ProcessParts extends LauncherDeps, Omit<LaunchRequest, "program"> {
  readonly supervisor: Clock;
  readonly pid: number;
}

function launched(main: Program, parts: ProcessParts, events: ProcessEvents): LaunchedProcess {
  const { time, pid, unit: name, config, keys } = parts;
  const data = time.clock("data");
  const promises = time.clock("promises");
  const network = parts.network.attach(name);
  const log = parts.logs.open(name);
  const stop = new AbortController();
  let alive = true;
  let started = false;
  let onReload = (): void => {};

  function end(exit: ProcessExit): void {
    if (!alive) return;
    alive = false;
    data.end();
    promises.end();
    network.close();
    parts.supervisor.after(NOTICE_MS, () => events.exit(exit));
  }
  const exit = (code: number): void => end({ code, signal: undefined });

  function run(): void {
    started = true;
    main({
      unit: {
        config: { ...config, name },
        configPath: `${name}.json`,
        clock: data,
        log,
        lifetime: stop.signal,
        keys: parts.keysFor(keys),
        ready: (detail = {}) => events.message({ type: "ready", ...detail }),
        send: (message) => events.message(message),
        onReload: (reload) => void (onReload = reload),
      },
      log,
      network,
      promises,
      exit,
    }).then(
      () => exit(EXIT.ok),
      (error: unknown) => {
        if (alive) exit(codeOf(error, name, log));
      },
    );
  }
  promises.after(parts.random.lognormal(STARTUP.meanMs, STARTUP.sigma), run);

  return {
    pid,
    signal(signal: "SIGTERM" | "SIGKILL") {
      if (signal === "SIGKILL") return end({ code: undefined, signal });
      // Before it has installed its handlers, a signal kills it.
      if (started) promises.after(NOTICE_MS, () => stop.abort());
      else end({ code: undefined, signal });
    },
    reload: () => void promises.after(NOTICE_MS, () => onReload()),
  };
}

/** The exit code of a program that ended with an error, which is logged. */
function codeOf(error: unknown, name: string, log: Log): number {
  if (error instanceof CodedError && error.code === "CONFIG_INVALID") {
    log.fatal(`${name}.json: ${messageOf(error)}`);
    return EXIT.usage;
  }
  logFatal(log, error);
  return EXIT.bug;
}
