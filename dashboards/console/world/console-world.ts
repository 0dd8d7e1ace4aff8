import type { LabEvent } from "../../../lab/events/event.ts";
import type { Trainee } from "../../../lab/trainee/trainee.ts";
import type { Cancel } from "../../../runtime/clock.ts";
import type { Speed } from "./protocol.ts";

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

/** How virtual time passes, and what is kept of it. */
export interface Pacing {
  set(speed: Speed): void;
  /** Lets this much virtual time pass while it stands still. */
  step(ms: number): void;
  /** The drill as a fragment of a link; undefined where it is too long for one. */
  handOver(): Promise<{ readonly fragment: string | undefined; readonly digest: string }>;
}
