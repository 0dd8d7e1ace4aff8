import type { KeyName } from "../../runtime/keys.ts";
import type { UnitConfig } from "./unit-config.ts";

/** How a process ended. Both undefined: it could not be launched at all, and `error` says why. */
export interface ProcessExit {
  readonly code: number | undefined;
  readonly signal: string | undefined;
  readonly error?: string;
}

/** A message of a unit's process, `ready` included. */
export interface UnitMessage {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** What a process reports to its unit. `exit` comes exactly once and last; it alone may come during the launch itself. */
export interface ProcessEvents {
  message(message: UnitMessage): void;
  exit(exit: ProcessExit): void;
}

export interface LaunchedProcess {
  readonly pid: number | undefined;
  /** Does nothing once the process has ended. */
  signal(name: "SIGTERM" | "SIGKILL"): void;
  /** Puts the configuration where the process reads it, and has it read it (SIGHUP). */
  reload(config: UnitConfig): void;
}

export interface LaunchRequest {
  readonly unit: string;
  /** Which program, by the launcher's own table. */
  readonly program: string;
  readonly config: UnitConfig;
  /** The run's keys that it gets. */
  readonly keys: readonly KeyName[];
}

/** Starts a process: live a child process, simulated a model. Never throws: a launch that fails is an exit. */
export type Launch = (request: LaunchRequest, events: ProcessEvents) => LaunchedProcess;

/** A launch that failed: reports it as an exit, and returns a process that never ran. */
export function failedLaunch(events: Pick<ProcessEvents, "exit">, error: string): LaunchedProcess {
  events.exit({ code: undefined, signal: undefined, error });
  return { pid: undefined, signal() {}, reload() {} };
}

/** Why a launcher refuses a program that its table lacks. */
export const noProgram = (name: string): string => `no program is called ${name}`;
