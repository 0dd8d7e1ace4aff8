import type { CanaryWords } from "../../lb/admin/canary-words.ts";
import type { CanaryStatus } from "../../lb/config/rollout/canary.ts";
import type { CanaryEndAction, GuardAction, UpstreamAction } from "../../scenarios/action.ts";
import type { ConfigAnswer } from "./config-answer.ts";
import type { ActionResult } from "./action-result.ts";
import type { AuditView, RolloutView } from "./rollout-view.ts";
import type { ConfigVersion, PoolStatus } from "./world.ts";

/** A client of the balancer's admin API. Undefined everywhere means that the balancer does not answer. */
export interface AdminClient {
  apply(
    yaml: string,
    note: { readonly author: string; readonly reason: string },
  ): Promise<ConfigAnswer | undefined>;
  rollback(version: number | undefined, author: string): Promise<ConfigAnswer | undefined>;
  /** Starts a canary; with the options as people write them. */
  canary(
    yaml: string,
    note: { readonly author: string; readonly reason: string },
    words: CanaryWords,
  ): Promise<ConfigAnswer | undefined>;
  endCanary(step: CanaryEndAction, author: string): Promise<ConfigAnswer | undefined>;
  /** The canary that runs, or the last one; null: there was none. */
  canaryStatus(): Promise<CanaryStatus | null | undefined>;
  /** Review and freeze. `until` is the end of a freeze in epoch milliseconds. */
  guard(step: GuardAction, author: string, until: number | undefined): Promise<ActionResult | undefined>;
  rollout(): Promise<RolloutView | undefined>;
  /** Makes an audit. */
  audit(): Promise<AuditView | undefined>;
  /** The version in force. */
  inForce(): Promise<number | undefined>;
  history(): Promise<readonly ConfigVersion[] | undefined>;
  pools(): Promise<readonly PoolStatus[] | undefined>;
  /** `emergency`: past review and freeze, with a reason. */
  upstream(
    step: UpstreamAction,
    terms?: { readonly reason?: string; readonly emergency?: boolean },
  ): Promise<ActionResult | undefined>;
}
