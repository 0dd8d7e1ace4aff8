import type { AuditView, RolloutView } from "./rollout-view.ts";
import type { CanaryStatus } from "../../lb/config/rollout/canary.ts";
import type { Finding } from "../../lb/config/lint/lint.ts";
import type { Action } from "../../scenarios/action.ts";
import type { Stage, Topology, Workload } from "../../scenarios/scenario.ts";
import type { Cancel, Clock } from "../../runtime/clock.ts";
import type { LoadReport, ProbeReport } from "../probe/record.ts";
import type { Actor } from "../trainee/actor.ts";
import type { AccessBatch } from "./access-record.ts";
import type { ActionResult } from "./action-result.ts";
import type { ChangeEntry } from "./change-entry.ts";
import type { PortView, UnitEvent, UnitView } from "./host.ts";
import type { ChangeGate, Refusal } from "./change-gate.ts";
import type { Monitoring } from "./monitoring.ts";
import type { UnitConfig } from "./unit-config.ts";

/** What is found in a text that may become the balancer's configuration. */
export interface ConfigChecked {
  /** False where a finding is an error: a balancer refuses `CONFIG_INVALID`, and other errors should be fixed first. */
  readonly ok: boolean;
  /** In the order of the text. */
  readonly findings: readonly Finding[];
}

/** Something done to a world other than by its acts: by a signal, an editor, another program. */
export interface OutsideStep {
  /** The command that does it, as far as it can be known. */
  readonly action: string;
  /** Its subject, as false leads name it. */
  readonly subject: string;
  /** Who it was, as far as it can be known. */
  readonly by: string;
  /** The visible effect. */
  readonly message: string;
  /** The balancer's configuration before and after, where it is another one now. */
  readonly config?: { readonly before: string; readonly after: string };
}

export interface ConfigVersion {
  readonly version: number;
  readonly at: string;
  readonly author: string;
  readonly reason: string;
}

/** A balancer's upstream as its statistics show it. */
export interface UpstreamStatus {
  readonly pool: string;
  readonly upstream: string;
  readonly address: string;
  readonly state: string;
  /** The state in HAProxy's words, where the balancer reports it: `no check`, `UP 2/3`. */
  readonly status?: string;
  readonly weight: number;
  readonly inFlight: number;
  readonly maxConnections: number;
  readonly requests: number;
  readonly failures: number;
}

export interface PoolStatus {
  readonly pool: string;
  readonly policy: string;
  readonly queueLength: number;
  readonly queueLimit: number;
  readonly upstreams: readonly UpstreamStatus[];
}

/** Everything that a reset must put back: compared as a whole with what it was at the start. */
export interface Snapshot {
  readonly config: string;
  readonly units: Readonly<
    Record<string, { readonly state: string; readonly enabled: boolean; readonly config: unknown }>
  >;
  /** Run-time state and weight of every upstream. */
  readonly upstreams: Readonly<Record<string, string>>;
  readonly packages: readonly string[];
}

/** The looks: what a trainee can see, in any world. */
export interface Sight {
  units(): readonly UnitView[];
  /** The settings of one unit, which its next start runs with. Throws CodedError NOT_FOUND. */
  unitConfig(unit: string): UnitConfig;
  /** The last lines of a unit's log. Throws CodedError NOT_FOUND. */
  logs(unit: string, lines: number): Promise<readonly string[]>;
  config(version?: number): Promise<{ readonly version: number; readonly yaml: string }>;
  configHistory(): Promise<readonly ConfigVersion[]>;
  changes(): readonly ChangeEntry[];
  ports(): Promise<readonly PortView[]>;
  /** The canary that runs, or the last one; null: there was none; undefined when the balancer does not answer. */
  canary?(): Promise<CanaryStatus | null | undefined>;
  /** What guards the balancer's configuration; undefined when it does not answer. */
  rollout?(): Promise<RolloutView | undefined>;
  /** An audit that is made now; undefined when the balancer does not answer. */
  audit?(): Promise<AuditView | undefined>;
  /** Pools by the balancer's own statistics; undefined when it does not answer. */
  pools(): Promise<readonly PoolStatus[] | undefined>;
  /** Text exposition of the balancer's or a backend's metrics; undefined when it does not answer. */
  metrics(unit: string): Promise<string | undefined>;
}

/** A place where incidents happen: real processes on this machine, later also a simulated machine and containers. */
export interface World {
  readonly clock: Clock;
  /** Starts everything and resolves when all of it serves. */
  start(topology: Topology, workload: Workload): Promise<void>;
  readonly sight: Sight;
  readonly monitoring: Monitoring;
  readonly stage: Stage;
  /** `by` is who does it, as the history of the configuration and the change log name it. */
  act(step: Action, by: Actor): Promise<ActionResult>;
  /** Adds a gate: changes that it refuses are not made, neither the stage's nor acts that ask by `admit`. */
  guardChanges(gate: ChangeGate): Cancel;
  /** Asks the gates about an act, which may take a while; resolves with the refusal, where there is one. */
  admit(step: Action, by: Actor): Promise<Refusal | undefined>;
  /** Errors and lint's findings in a text, compared with the active configuration. Nothing is changed. */
  checkConfig(yaml: string, file?: string): Promise<ConfigChecked>;
  onProbe(run: (report: ProbeReport) => void): Cancel;
  onLoad(run: (report: LoadReport) => void): Cancel;
  /** Every step in a unit's life. */
  onUnit(run: (event: UnitEvent) => void): Cancel;
  /** Every new entry of the change log. */
  onChange(run: (entry: ChangeEntry) => void): Cancel;
  /** Requests that the balancer ends from now on, from its access log, which is only read while there are subscribers. */
  onRequests(run: (batch: AccessBatch) => void): Cancel;
  /** Reports what others do to it from now on. Absent where nobody else can reach it. */
  watchOutside?(run: (step: OutsideStep) => void): Cancel;
  /** Reports, with the reason, what makes it a bad judge from now on: an instrument that ended, was stopped or hangs. */
  watchInstruments(run: (reason: string) => void): Cancel;
  /** Foreign programs on the addresses that users and the balancer call, a line each. Absent where there can be none. */
  foreignPrograms?(): Promise<readonly string[]>;
  /** Restarts the machine's units once, in a seeded order, as a reboot would. The prober and the load go on. */
  reboot(seed: number): Promise<void>;
  snapshot(): Promise<Snapshot>;
  /** Brings everything back to the snapshot, after the undos have run. */
  restore(snapshot: Snapshot): Promise<void>;
  stop(): Promise<void>;
}
