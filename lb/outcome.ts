/** Envoy's response flags, as far as this balancer sets them. `-` means nothing went wrong. */
export type Flag = "-" | "UH" | "UF" | "URX" | "UC" | "UT" | "UPE" | "UO" | "NR" | "DC" | "DR";

/** What became of a request, as the access log and the metrics tell it. */
export interface Verdict {
  /** What the client got; 499 stands for a client that left. */
  readonly status: number;
  readonly flag: Flag;
  /** HAProxy's termination state, two letters. */
  readonly state: string;
  /** Who made the answer. */
  readonly origin: "balancer" | "upstream";
}

/** Every way a request can end without an upstream's whole answer, and what the client then gets. */
export const FAILURES = {
  noCandidate: { status: 503, flag: "UH", state: "SC" },
  refused: { status: 502, flag: "UF", state: "SC" },
  retriesUsedUp: { status: 502, flag: "URX", state: "SC" },
  connectTimeout: { status: 504, flag: "UF", state: "sC" },
  exhausted: { status: 503, flag: "UF", state: "RC" },
  resetBeforeHead: { status: 502, flag: "UC", state: "SH" },
  noResponse: { status: 504, flag: "UT", state: "sH" },
  tooLong: { status: 504, flag: "UT", state: "sH" },
  timeoutMidBody: { status: 504, flag: "UT", state: "sD" },
  invalidResponse: { status: 502, flag: "UPE", state: "PH" },
  queueFull: { status: 503, flag: "UO", state: "sQ" },
  queueTimeout: { status: 503, flag: "UO", state: "sQ" },
  noRoute: { status: 404, flag: "NR", state: "PR" },
  slowHead: { status: 408, flag: "DR", state: "cR" },
  slowBody: { status: 408, flag: "DR", state: "cH" },
  slowBodyMidAnswer: { status: 408, flag: "DR", state: "cD" },
  badRequest: { status: 400, flag: "DR", state: "PR" },
  clientLeft: { status: 499, flag: "DC", state: "CH" },
  clientLeftMidBody: { status: 499, flag: "DC", state: "CD" },
  cutMidBody: { status: 502, flag: "UC", state: "SD" },
} as const satisfies Record<string, Omit<Verdict, "origin">>;

export type FailureName = keyof typeof FAILURES;

/**
 * How one try at an upstream ended, a closed set: a whole answer, a whole 5xx answer, a failure the transport found
 * (`exhausted`: this machine's, not the upstream's), a timer of the core (`connect-timeout`, `timeout`), an answer broken off (`cut`), or a client that left.
 */
export type TryResult =
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
