import type { Answer } from "./answer.ts";

export const VISIT_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;

/** A request to the balancer's public address, as a user sends it. */
export interface VisitRequest {
  /** Path and query. */
  readonly path: string;
  readonly method: (typeof VISIT_METHODS)[number];
  /** The whole field, `session=...`, of the user who sends it. */
  readonly cookie?: string | undefined;
  readonly body?: string | undefined;
}

/** Sends it, and resolves with the answer; where there was none, `error` says why. */
export type Visit = (request: VisitRequest) => Promise<Answer>;

/** Limit of an answer's body that is shown, in characters. */
const SHOWN_CHARACTERS = 64 * 1024;

/** An answer, in every world; of a long body, its beginning. `headers` are names and values in turn. */
export function answerOf(status: number, headers: readonly string[], body: string): Answer {
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < headers.length; i += 2)
    pairs.push([(headers[i] ?? "").toLowerCase(), headers[i + 1] ?? ""]);
  const only = (name: string): string | undefined => {
    const values = pairs.filter(([field]) => field === name).map(([, value]) => value);
    return values.length === 1 ? values[0] : undefined;
  };
  return {
    status,
    server: only("server"),
    flag: only("x-balancer-flag"),
    error: undefined,
    headers: pairs,
    body: body.slice(0, SHOWN_CHARACTERS),
  };
}

/** There was no answer; `error` is the system's code where there is one. */
export const noAnswer = (error: string): Answer => ({
  status: undefined,
  server: undefined,
  flag: undefined,
  error,
});
