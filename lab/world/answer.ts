/** What a user would get: one request to the public address, as `curl -i` shows it. */
export interface Answer {
  /** Undefined when there was none; `error` says why. */
  readonly status: number | undefined;
  readonly server: string | undefined;
  readonly flag: string | undefined;
  readonly error: string | undefined;
  /** Lower-case names and values, in the order in which they came; absent without an answer. */
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: string;
}
