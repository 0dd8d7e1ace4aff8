import type { Clock } from "../../../runtime/clock.ts";
import type { Log } from "../../../runtime/log.ts";
import type { UnitProcess } from "../../../runtime/unit-process.ts";
import type { NetworkEnd } from "./network.ts";

/** A process in memory, as its program sees it. */
export interface SimulatedProcess {
  /** Its unparsed configuration, and a clock for callbacks that leave no promises. */
  readonly unit: UnitProcess<Record<string, unknown> & { name: string }>;
  readonly log: Log;
  readonly network: NetworkEnd;
  /** The clock for callbacks that resolve promises. */
  readonly promises: Clock;
  /** Ends it at once: its ports are free, its connections broken, its timers gone. */
  exit(code: number): void;
}

/** A program: it runs until its promise settles, or until it exits. Rejects first of all when its configuration is wrong. */
export type Program = (process: SimulatedProcess) => Promise<void>;
