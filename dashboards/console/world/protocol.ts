import type { LabEvent } from "../../../lab/events/event.ts";
import type { MeasureOptions } from "../../../lab/measures/choice.ts";
import type { OperationName } from "../../../lab/trainee/routes.ts";

/** How fast virtual time passes: virtual seconds a second; null is as fast as it goes, 0 stands still. */
export type Speed = number | null;

/** What a world begins with. */
export type Beginning =
  /** A drill of one's own; without the fault it is a lab that is well. */
  | {
      readonly kind: "fresh";
      readonly alias: string;
      readonly seed: number;
      readonly fault: boolean;
      readonly measures: MeasureOptions;
    }
  /**
   * A drill that was handed on, by its link or the text of its file. Up to its last step it is replayed, and nobody can
   * act; with `goesOn` whoever opened it drills on from there.
   */
  | { readonly kind: "recorded"; readonly text: string; readonly goesOn: boolean };

/** What a page asks of the worker that holds its world. */
export type ToWorker =
  | { readonly type: "open"; readonly beginning: Beginning; readonly speed: Speed }
  | {
      readonly type: "call";
      readonly id: number;
      readonly name: OperationName;
      readonly input: object;
      readonly background: boolean;
    }
  | { readonly type: "speed"; readonly speed: Speed }
  /** Lets this much virtual time pass although it stands still. */
  | { readonly type: "step"; readonly ms: number }
  /** As fast as it goes to this step, where time stands still. */
  | { readonly type: "until"; readonly step: number }
  | { readonly type: "hand-over"; readonly id: number }
  /** Asked of a worker that holds no world: a drill that was handed on, run again with one more measure. */
  | { readonly type: "what-if"; readonly id: number; readonly text: string; readonly measure: string };

/** An error as it passes between the two. */
export interface PassedError {
  readonly code: string | undefined;
  readonly message: string;
  readonly hint: string | undefined;
}

/** A recorded drill, as far as it has been read and replayed. */
export interface Recorded {
  readonly alias: string;
  readonly seed: number;
  /** Its last step, and how long each is in virtual time. */
  readonly steps: number;
  readonly stepMs: number;
  /** Releases of the lab: that it was recorded with, and this one. */
  readonly release: string;
  readonly here: string;
  /** The digest that it came to here, once its last step has passed. */
  readonly digest: string | undefined;
  /** Whether that is the one which it was handed on with; null where another release promises nothing. */
  readonly equal: boolean | null | undefined;
}

/** A drill as it is handed on. */
export interface HandedOver {
  /** Undefined where it is too long for a link. */
  readonly fragment: string | undefined;
  readonly text: string;
  readonly digest: string;
}

export type FromWorker =
  | { readonly type: "answer"; readonly id: number; readonly value: unknown }
  | { readonly type: "error"; readonly id: number; readonly error: PassedError }
  | { readonly type: "event"; readonly event: LabEvent }
  /** Where virtual time has come, milliseconds from its beginning, how fast it passes, and whether the drill has ended. */
  | { readonly type: "time"; readonly nowMs: number; readonly over: boolean; readonly speed: Speed }
  | { readonly type: "recorded"; readonly recorded: Recorded }
  /** What was handed on cannot be replayed. */
  | { readonly type: "refused"; readonly error: PassedError }
  /** There will be no result. A world that is `gone` answers no call any more. */
  | { readonly type: "failed"; readonly gone: boolean; readonly message: string };
