import type { Cancel } from "../../runtime/clock.ts";
import type { KeyName } from "../../runtime/keys.ts";
import type { Random } from "../../runtime/random.ts";
import type { ProcessExit, UnitMessage } from "./launch.ts";
import type { RestartPolicy } from "./restart-policy.ts";
import type { ConfigChange, UnitConfig } from "./unit-config.ts";

/** A supervised process as it is declared, the way an init system's unit file does. */
export interface UnitDefinition {
  readonly name: string;
  readonly description: string;
  /** Which program to run, by the launcher's table. */
  readonly program: string;
  /** The program's configuration; the launcher adds `name`. */
  readonly config: UnitConfig;
  /** Units that start after this one when the machine restarts. */
  readonly before?: readonly string[];
  readonly restart: RestartPolicy;
  /** From SIGTERM to SIGKILL. */
  readonly stopTimeoutMs: number;
  /** A process not ready by then is killed, which counts as a failure. Default 10 s. */
  readonly startTimeoutMs?: number;
  /** Started when the machine restarts. */
  readonly enabled: boolean;
  /** The package that it belongs to. */
  readonly owner?: string;
  /** Not part of the machine (users, what watches them): goes on when the machine restarts, and no act reaches it. */
  readonly outside?: boolean;
  /** The run's keys that each start of it gets. Absent: none. */
  readonly keys?: readonly KeyName[];
  /** What an act may set, by dotted path, with all below it. Absent: nothing. */
  readonly settings?: readonly string[];
}

export type UnitState = "inactive" | "activating" | "active" | "deactivating" | "auto-restart" | "failed";

export interface UnitEvent {
  readonly unit: string;
  readonly from: UnitState;
  readonly to: UnitState;
  readonly reason: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

export interface UnitView {
  readonly name: string;
  readonly description: string;
  readonly program: string;
  readonly owner: string | undefined;
  readonly enabled: boolean;
  readonly state: UnitState;
  /** Why it is in this state, and since when (epoch milliseconds). */
  readonly reason: string;
  readonly since: number;
  readonly pid: number | undefined;
  /** Automatic restarts, ever. */
  readonly restarts: number;
  readonly lastExit: (ProcessExit & { readonly at: number }) | undefined;
}

/** The immediate result of an operation; what follows is reported by events. */
export interface UnitResult {
  readonly ok: boolean;
  readonly message: string;
}

export interface Unit {
  readonly name: string;
  readonly definition: UnitDefinition;
  readonly view: UnitView;
  /** The configuration of its next start. */
  readonly config: UnitConfig;
  /** Always possible: a manual start forgives a failed unit and its start limit, as `systemctl reset-failed` and `start` do. */
  start(): UnitResult;
  stop(): UnitResult;
  restart(): UnitResult;
  /** SIGKILL as from outside: the restart policy decides what follows. */
  kill(): UnitResult;
  enable(): UnitResult;
  disable(): UnitResult;
  /** Takes effect at the next start, or at `reload`. `previous` undoes it. */
  configure(change: ConfigChange): UnitResult & { readonly previous?: ConfigChange };
  /** Has the running process read its changed configuration, where its program can (SIGHUP). */
  reload(): UnitResult;
  /** Failed becomes inactive, and the start limit counts from zero. */
  resetFailed(): void;
  /** Stops for good: every later start is refused, and SIGKILL comes after `graceMs` at the latest. */
  retire(graceMs?: number): void;
  /** Calls `run` once it is neither activating nor deactivating; at once if that is so now. */
  onceSettled(run: () => void): void;
}

/** Programs that are installed and removed together, and their units. */
export interface PackageDefinition {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  /** Their `owner` becomes the package. */
  readonly units: readonly UnitDefinition[];
}

export interface PackageView {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly units: readonly string[];
}

/** Who listens on one of the lab's ports. */
export interface PortView {
  readonly port: number;
  readonly pid: number | undefined;
  readonly program: string | undefined;
  /** The unit, when it is one of this host. */
  readonly unit: string | undefined;
}

/** A machine with its units and ports: live the operating system and our supervisor, simulated a model of both. */
export interface Host {
  units(): readonly UnitView[];
  unit(name: string): Unit | undefined;
  /** Throws CodedError CONFIG_CONFLICT when the name is taken. Does not start it. */
  add(definition: UnitDefinition): Unit;
  /** Stops the unit for good and removes it; resolves when its process is gone. */
  remove(name: string): Promise<UnitResult>;
  packages(): readonly PackageView[];
  /** Adds the package's units and starts the enabled ones, as an install script would. Nothing happens when it cannot. */
  install(definition: PackageDefinition): UnitResult;
  /** Resolves when the processes of its units are gone. */
  uninstall(name: string): Promise<UnitResult>;
  /** Resolves once nothing is under way with these units (default: all): none activating, none deactivating. */
  settled(names?: readonly string[]): Promise<void>;
  /**
   * Stops the units of the machine and starts the enabled ones, in an order that `random` decides where `before` does
   * not. Failures and start limits are reset. Resolves when all of them serve or have failed. A second call
   * while one runs joins it.
   */
  reboot(random: Random): Promise<void>;
  ports(): Promise<readonly PortView[]>;
  onEvent(run: (event: UnitEvent) => void): Cancel;
  /** Messages of a unit's processes, `ready` included. The unit need not exist yet. */
  onMessage(unit: string, run: (message: UnitMessage) => void): Cancel;
  /** Stops everything, by SIGKILL after two seconds, and starts nothing any more. */
  dispose(): Promise<void>;
}
