import type { Clock } from "../../runtime/clock.ts";
import type { Random } from "../../runtime/random.ts";
import type { PickReason } from "../pick-reasons.ts";

/** What a policy sees of an upstream. */
export interface Candidate {
  readonly name: string;
  /** What it is to get in proportion to the others: its configured weight of 1..256, or part of it in a slow start. */
  readonly weight: number;
  readonly inFlight: number;
  /** Place in the configuration, which breaks ties. The relative order never changes during a policy's life. */
  readonly order: number;
}

/** What a policy may know of the request: the value of its hash key, if it has one. */
export interface PickRequest {
  readonly key: string | undefined;
}

/** Chooses one candidate. It is given a view that is kept up to date, and is notified of changes. */
export interface Policy<C extends Candidate = Candidate> {
  /** One of the candidates that `avoid` does not hold, or undefined when there is none. */
  pick(request: PickRequest, avoid: ReadonlySet<C>): C | undefined;
  /** A candidate joined, left, or changed its weight. Called after the view has changed. */
  changed?(candidate: C, change: "joined" | "left" | "weight"): void;
  /** A candidate's `inFlight` went up or down. Not called for those that are no candidates. */
  loadChanged?(candidate: C): void;
  /**
   * How long a pick took to the head of its answer, or to its failure, for policies that learn. `abandoned`: its client
   * left before, and it would have taken longer.
   */
  observe?(candidate: C, durationMs: number, abandoned: boolean): void;
  /** True when the same key must reach the same upstream: it then waits for it and retries stay on it. */
  readonly pins: boolean;
  /** Why it picks whom it picks, for the access log. Default `policy`. */
  readonly reason?: PickReason;
}

export interface PolicyDeps<C extends Candidate = Candidate> {
  readonly random: Random;
  readonly clock: Pick<Clock, "now">;
  /** Those that may be picked now, in configuration order. The array is the pool's and changes in place. */
  readonly candidates: readonly C[];
}
