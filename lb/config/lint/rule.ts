import type { Path } from "../../../runtime/yaml/fault.ts";
import type { LoadSeen } from "../../telemetry/service-meter.ts";
import type { BalancerConfig } from "../schema.ts";

/** A certificate that the configuration asks for, as it is on the disk now. */
export interface CertificateFact {
  /** Where the configuration names its file. */
  readonly path: Path;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** What an upstream answered when it was probed once with the request of its health check. */
export interface CheckAnswer {
  readonly pool: string;
  /** Its place in the pool. */
  readonly index: number;
  /** Undefined when there was no answer. */
  readonly status: number | undefined;
  /** One line for people: `HTTP 200`, `ECONNREFUSED`. */
  readonly detail: string;
  /** The idle timeout that the upstream announces; undefined when it announces none. */
  readonly announcedIdleMs: number | undefined;
}

/** All that rules know. What is absent was not examined. */
export interface LintFacts {
  readonly config: BalancerConfig;
  /** The configuration that this one is to replace. */
  readonly against?: BalancerConfig | undefined;
  readonly certificates: readonly CertificateFact[];
  readonly answers: readonly CheckAnswer[];
  /** The busiest load that was seen on the configuration in force. */
  readonly load?: LoadSeen | undefined;
  /** Epoch milliseconds. */
  readonly now: number;
}

export interface Remark {
  readonly path: Path;
  readonly message: string;
}

/**
 * One thing that a configuration may be and had better not. An `error` cannot be meant; a `warning` may. Neither keeps a
 * configuration from being applied, unless `rollout.lint` says so: the person who applies it may know more.
 */
export interface Rule {
  /** Stable: people look it up, and scripts go by it. */
  readonly code: string;
  readonly severity: "error" | "warning";
  /** What is wrong, in a few words. */
  readonly title: string;
  /** What follows from it, and what to do. */
  readonly page: string;
  find(facts: LintFacts): readonly Remark[];
}
