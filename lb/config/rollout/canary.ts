import type { Cancel } from "../../../runtime/clock.ts";
import type { AppliedVersion } from "../config-control.ts";
import type { ChangeNote } from "../store.ts";

/** A canary as those see it who start, watch, promote or abort it: the data of its options, verdicts, status and events. */

/** How a canary grows, and what makes a user of it. Shares are of users, 0..1. */
export interface CanaryOptions {
  /** Part of the users that it begins with; 0.5 at most, since as many are its baseline. */
  readonly share: number;
  /** What a step adds to it, up to 0.5. */
  readonly step: number;
  /** From one verdict to the next, and so the least time of a step. */
  readonly everyMs: number;
  /** How long it serves its largest share before it is promoted. */
  readonly bakeMs: number;
  /** What of a request says whose it is: `cookie:NAME`, `header:NAME` or `peer`. A request without it stays with the stable version. */
  readonly user: string;
  /** Verdicts in a row that may be inconclusive; with one more it is aborted. */
  readonly inconclusiveLimit: number;
}

export const CANARY_DEFAULTS: CanaryOptions = {
  share: 0.1,
  step: 0.1,
  everyMs: 60_000,
  bakeMs: 600_000,
  user: "peer",
  inconclusiveLimit: 10,
};

/** `better`: no worse than its baseline, with enough requests to say so. */
export type CanaryVerdict = "better" | "worse" | "inconclusive";

/** What one arm's users met in a window. */
export interface ArmFigures {
  readonly requests: number;
  readonly failures: number;
  /** Milliseconds; undefined without a whole answer. */
  readonly p95Ms: number | undefined;
  /** Part of its attempts, 0..1, by the upstream's `HOST:PORT`. */
  readonly shares: Readonly<Record<string, number>>;
}

/** Why a verdict is what it is, as data and as a sentence. `limit` is what `value` was held against. */
export interface CanaryReason {
  readonly code: "failures" | "p95" | "overload" | "too-few-requests" | "no-worse";
  /** The upstream's `HOST:PORT` that it is about. */
  readonly upstream?: string;
  readonly value?: number;
  readonly limit?: number;
  readonly message: string;
}

/** One window's verdict. */
export interface CanaryJudgement {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly share: number;
  readonly verdict: CanaryVerdict;
  readonly reasons: readonly CanaryReason[];
  readonly canary: ArmFigures;
  readonly baseline: ArmFigures;
}

export type CanaryPhase = "growing" | "baking" | "promoted" | "aborted" | "lost";

/** Why a canary ended: who or what did it. `inconclusive`: too often so; `lost`: its process ended, and the stable version serves. */
export type CanaryEnd = "promoted" | "baked" | "aborted" | "worse" | "inconclusive" | "lost";

/** A canary that runs, or the last one that ran. */
export interface CanaryStatus {
  readonly version: number;
  /** The version that all other users meet. */
  readonly stableVersion: number;
  readonly author: string;
  readonly reason: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly options: CanaryOptions;
  readonly phase: CanaryPhase;
  readonly share: number;
  /** Epoch milliseconds at which it has baked; undefined before it bakes. */
  readonly bakedAt?: number;
  /** Verdicts in a row, up to now, that were inconclusive. */
  readonly inconclusive: number;
  /** The latest verdicts, oldest first. */
  readonly judgements: readonly CanaryJudgement[];
  readonly ended?: {
    readonly at: number;
    readonly why: CanaryEnd;
    readonly by: string;
    readonly message: string;
  };
}

export type CanaryEvent =
  | { readonly event: "started" | "step" | "baking" | "ended"; readonly status: CanaryStatus }
  | { readonly event: "verdict"; readonly status: CanaryStatus; readonly judgement: CanaryJudgement };

/** The canary of a balancer, of which there is one at a time. */
export interface CanaryControl {
  /** The one that runs, or else the last one since the process began; undefined: there was none. */
  readonly status: CanaryStatus | undefined;
  readonly running: boolean;
  /**
   * Serves a text beside the version in force. Throws what applying it would throw; CONFIG_INVALID for what both versions must
   * share, such as listeners' addresses; CANARY_RUNNING while there is one.
   */
  start(
    yaml: string | Uint8Array,
    note: ChangeNote,
    options?: Partial<CanaryOptions>,
    expected?: readonly number[],
  ): Promise<AppliedVersion>;
  /** Puts it in force for all. Throws NOT_FOUND when none runs, DISK, and CONFIG_CONFLICT when the file was edited meanwhile. */
  promote(note: ChangeNote): Promise<AppliedVersion>;
  /** Ends it: no further request meets it. Throws NOT_FOUND when none runs. */
  abort(note: ChangeNote): Promise<CanaryStatus>;
  onEvent(run: (event: CanaryEvent) => void): Cancel;
  /** Ends its timers with the process. */
  stop(): void;
}
