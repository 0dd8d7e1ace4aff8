import type { Reason } from "./reasons.ts";

/** Envoy's response flags, as far as this balancer sets them. `-` means nothing went wrong. */
export type Flag = "-" | "UH" | "UF" | "URX" | "UC" | "UT" | "UPE" | "UO" | "NR" | "DC" | "DR";

/** How a request ended, as the access log and the metrics report it. */
export interface Verdict {
  /** The status that the client got, also of an answer that was cut; 499 for a client that left before it got any. */
  readonly status: number;
  readonly flag: Flag;
  /** HAProxy's termination state, two letters. */
  readonly state: string;
  /** Why there was no whole answer; undefined: there was. */
  readonly reason: Reason | undefined;
  /** Who made the answer. */
  readonly origin: "balancer" | "upstream";
}

/** Every way a request can end without an upstream's answer, and what the client then gets. */
export const FAILURES = {
  noCandidate: { status: 503, flag: "UH", state: "SC", reason: "no-upstream" },
  refused: { status: 502, flag: "UF", state: "SC", reason: "connect-refused" },
  retriesUsedUp: { status: 502, flag: "URX", state: "SC", reason: "retries-used-up" },
  connectTimeout: { status: 504, flag: "UF", state: "sC", reason: "connect-timeout" },
  exhausted: { status: 503, flag: "UF", state: "RC", reason: "connections-exhausted" },
  resetBeforeHead: { status: 502, flag: "UC", state: "SH", reason: "reset-before-answer" },
  noResponse: { status: 504, flag: "UT", state: "sH", reason: "answer-timeout" },
  tooLong: { status: 504, flag: "UT", state: "sH", reason: "total-timeout" },
  invalidResponse: { status: 502, flag: "UPE", state: "PH", reason: "answer-invalid" },
  invalidUpgrade: { status: 502, flag: "UPE", state: "PH", reason: "upgrade-invalid" },
  queueFull: { status: 503, flag: "UO", state: "sQ", reason: "queue-full" },
  queueTimeout: { status: 503, flag: "UO", state: "sQ", reason: "queue-timeout" },
  noRoute: { status: 404, flag: "NR", state: "PR", reason: "no-route" },
  slowBody: { status: 408, flag: "DR", state: "cH", reason: "body-slow" },
  malformedBody: { status: 400, flag: "DR", state: "PR", reason: "body-malformed" },
  ambiguousField: { status: 400, flag: "DR", state: "PR", reason: "field-ambiguous" },
  clientLeft: { status: 499, flag: "DC", state: "CH", reason: "client-left" },
} as const satisfies Record<string, Omit<Verdict, "origin">>;

export type FailureName = keyof typeof FAILURES;

/** Every way an answer that has begun can end too early: its status has been sent, and stays what the client got. */
export const CUTS = {
  timeoutMidBody: { flag: "UT", state: "sD", reason: "answer-stalled" },
  slowBodyMidAnswer: { flag: "DR", state: "cD", reason: "body-slow" },
  clientLeftMidBody: { flag: "DC", state: "CD", reason: "client-left" },
  cutMidBody: { flag: "UC", state: "SD", reason: "answer-cut" },
} as const satisfies Record<string, Omit<Verdict, "origin" | "status">>;

export type CutName = keyof typeof CUTS;

/**
 * How one attempt at an upstream ended, a closed set: a whole answer, a whole 5xx answer, a failure that the transport found
 * (`exhausted`: this machine's, not the upstream's), a timer of the core (`connect-timeout`, `timeout`), an answer broken off (`cut`), or a client that left.
 */
export type AttemptResult =
  | "ok"
  | "5xx"
  | "refused"
  | "unreachable"
  | "exhausted"
  | "reset"
  | "invalid"
  | "connect-timeout"
  | "timeout"
  | "cut"
  | "client-left";

/**
 * HAProxy's codes for what a check found: passed; a status that was not expected, bytes that are no answer, none in time
 * (layer 7); no connection, none in time (layer 4); a connection that broke.
 */
export type CheckStatus = "L7OK" | "L7STS" | "L7RSP" | "L7TOUT" | "L4CON" | "L4TOUT" | "SOCKERR";

/** What one health check found. `detail` is for people. */
export interface CheckResult {
  readonly ok: boolean;
  readonly status: CheckStatus;
  /** Of the answer, if there was one. */
  readonly code?: number;
  readonly detail: string;
  readonly durationMs: number;
}
