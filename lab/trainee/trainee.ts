import type { z } from "zod";
import type { Answers } from "./answers.ts";
import type { INPUTS } from "./inputs.ts";
import type { OperationName } from "./routes.ts";

export type Input<Name extends OperationName> = z.input<(typeof INPUTS)[Name]>;

export interface CallOptions {
  /** True when a page refreshes what it shows. No drill's record notes it as a look. */
  readonly background?: boolean;
  /** Aborted when the caller no longer waits. */
  readonly signal?: AbortSignal;
}

type Call<Name extends OperationName> =
  Record<string, never> extends Input<Name>
    ? (input?: Input<Name>, options?: CallOptions) => Promise<Answers[Name]>
    : (input: Input<Name>, options?: CallOptions) => Promise<Answers[Name]>;

/**
 * Everything that a trainee can see and do, and all that a responder gets: a method for each operation of the table in
 * `routes.ts`, the same in every world and from everywhere. Rejects with CodedError: USAGE for an invalid
 * input or a step that cannot be taken now, NOT_FOUND for what does not exist.
 */
export type Trainee = { readonly [Name in OperationName]: Call<Name> };

/** Makes a trainee from one function that does every operation. */
export const traineeOf = (names: readonly OperationName[], call: AnyCall): Trainee =>
  Object.fromEntries(
    names.map((name) => [
      name,
      (input: object = {}, options: CallOptions = {}) => call(name, input, options),
    ]),
  ) as unknown as Trainee;

/** Does the operation with this name; the result is of `Answers`. */
export type AnyCall = (name: OperationName, input: object, options: CallOptions) => Promise<unknown>;
