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
  /** There will be no result: what to report with it. A world that is `gone` answers no call any more. */
  | {
      readonly type: "failed";
      readonly gone: boolean;
      readonly message: string;
      readonly alias: string;
      readonly seed: number;
    };
