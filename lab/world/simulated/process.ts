import type { Clock } from "../../../runtime/clock.ts";
import type { Log } from "../../../runtime/log.ts";
import type { UnitProcess } from "../../../runtime/unit-process.ts";
import type { NetworkEnd } from "./network.ts";

/** A process in memory: what its program gets of the world. */
export interface SimulatedProcess {
  /** Its configuration unread, and a clock that is free of promises. */
  readonly unit: UnitProcess<Record<string, unknown> & { name: string }>;
  readonly log: Log;
  readonly network: NetworkEnd;
  /** For what resolves promises. */
  readonly promises: Clock;
  /** Ends it at once: its ports are free, its connections broken, its timers gone. */
  exit(code: number): void;
}

/** A program: it runs until its promise settles, or until it exits. Throws, before anything else, what its configuration lacks. */
export type Program = (process: SimulatedProcess) => Promise<void>;
