import type { LabEvent } from "../../../lab/events/event.ts";
import type { WhatIf } from "../../../lab/simulate/what-if.ts";
import type { Trainee } from "../../../lab/trainee/trainee.ts";
import type { Cancel } from "../../../runtime/clock.ts";
import type { HandedOver, PassedError, Recorded, Speed } from "./protocol.ts";

/** The lab that a page shows and steers: one that runs on this machine, or one in a worker of the page. */
export interface ConsoleWorld {
  readonly kind: "live" | "virtual";
  readonly trainee: Trainee;
  /** Every line of the journal once and in order, and all else as it happens. */
  onEvent(run: (event: LabEvent) => void): Cancel;
  /** Says why the lab is not there, and undefined when it is there again. */
  onTrouble(run: (why: string | undefined) => void): Cancel;
  /** Absent where time is real. */
  readonly pacing?: Pacing;
  close(): void;
}

/** Where virtual time is. */
export interface VirtualNow {
  /** Milliseconds from its beginning. */
  readonly nowMs: number;
  readonly speed: Speed;
  /** The drill has ended. */
  readonly over: boolean;
}

/** How virtual time passes, and what is kept of it. */
export interface Pacing {
  set(speed: Speed): void;
  /** Lets this much virtual time pass while it stands still. */
  step(ms: number): void;
  /** As fast as it goes to this step, where it stands still. */
  until(step: number): void;
  onTime(run: (time: VirtualNow) => void): Cancel;
  handOver(): Promise<HandedOver>;
  /** Runs a drill that was handed on again with one more measure, beside this one. Rejects when it comes to no result. */
  runAgain(text: string, measure: string, signal: AbortSignal): Promise<WhatIf>;
  /** Of a drill that was handed on: what it is, and later what came of it. */
  onRecorded(run: (recorded: Recorded) => void): Cancel;
  /** It cannot be replayed. */
  onRefused(run: (why: PassedError) => void): Cancel;
  /** What a report of a fault needs: incident, seed, and every act with its time. */
  report(): string;
}
