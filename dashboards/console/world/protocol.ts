import type { LabEvent } from "../../../lab/events/event.ts";
import type { OperationName } from "../../../lab/trainee/routes.ts";

/** How fast virtual time passes: virtual seconds a second; null is as fast as it goes, 0 stands still. */
export type Speed = number | null;

/** What a page asks of the worker that holds its world. */
export type ToWorker =
  | { readonly type: "open"; readonly alias: string; readonly seed: number; readonly speed: Speed }
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
  | { readonly type: "hand-over"; readonly id: number };

/** An error as it passes between the two. */
export interface PassedError {
  readonly code: string | undefined;
  readonly message: string;
  readonly hint: string | undefined;
}

export type FromWorker =
  | { readonly type: "answer"; readonly id: number; readonly value: unknown }
  | { readonly type: "error"; readonly id: number; readonly error: PassedError }
  | { readonly type: "event"; readonly event: LabEvent }
  /** Where virtual time has come, milliseconds from its beginning, and whether the drill has ended. */
  | { readonly type: "time"; readonly nowMs: number; readonly over: boolean }
  /** The world is no more: what to report with it. */
  | { readonly type: "failed"; readonly message: string; readonly alias: string; readonly seed: number };
