import type { z } from "zod";
import type { Cancel } from "../../../runtime/clock.ts";
import type { AppliedVersion, PushTerms } from "../config-control.ts";
import type { ChangeNote } from "../store.ts";
import type { canaryOptions } from "./options.ts";

/** A canary as those see it who start, watch, promote or abort it: the data of its options, verdicts, status and events. */

export type CanaryOptions = z.infer<typeof canaryOptions>;

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
  /** Why it was not promoted though it has baked, such as a disk that is full; it is tried again with the next verdict. */
  readonly problem?: string;
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
   * share, such as listeners' addresses; CANARY_RUNNING while there is one; PushRefused.
   */
  start(
    yaml: string | Uint8Array,
    note: ChangeNote,
    options?: Partial<CanaryOptions>,
    terms?: PushTerms,
  ): Promise<AppliedVersion>;
  /** Puts it in force for all. Throws NOT_FOUND when none runs, DISK, and CONFIG_CONFLICT when the file was edited meanwhile. */
  promote(note: ChangeNote): Promise<AppliedVersion>;
  /** Ends it: no further request meets it. Throws NOT_FOUND when none runs. */
  abort(note: ChangeNote): Promise<CanaryStatus>;
  onEvent(run: (event: CanaryEvent) => void): Cancel;
  /** Ends its timers with the process. */
  stop(): void;
}
