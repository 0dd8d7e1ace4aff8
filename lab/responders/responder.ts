import type { Clock } from "../../runtime/clock.ts";
import type { Trainee } from "../trainee/trainee.ts";

/** How quickly people work, and how long they stay at it. */
export interface Tempo {
  /** What a minute of a report takes here, in milliseconds. */
  readonly minuteMs: number;
  /** For how many of these minutes after the page a responder that repairs nothing stays. */
  readonly shiftMinutes: number;
  /** How long users may take to be well after a repair before it counts as none. */
  readonly recoveryMs: number;
}

/** In a drill a minute of the report takes a second. */
export const DRILL_TEMPO: Tempo = { minuteMs: 1000, shiftMinutes: 120, recoveryMs: 150_000 };

export interface ResponderOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Gets each line of what is seen and thought; what is done is in the drill's journal. */
  readonly say: (line: string) => void;
  /** How long to wait for a page, in milliseconds. */
  readonly waitMs: number;
  /** Default: a drill's. */
  readonly tempo?: Tempo;
  /** Resolves once a measure has named the cause; absent: none will. */
  readonly causeNamed?: Promise<void> | undefined;
}

/**
 * Stands in for a trainee: sees what a trainee sees, acts through the same actions, and does nothing before the page.
 * Resolves to true when users are well at the end.
 */
export type Responder = (trainee: Trainee, options: ResponderOptions) => Promise<boolean>;
