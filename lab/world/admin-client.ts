import type { UpstreamAction } from "../../scenarios/action.ts";
import type { ConfigAnswer } from "./config-answer.ts";
import type { ActionResult } from "./action-result.ts";
import type { ConfigVersion, PoolStatus } from "./world.ts";

/** A client of the balancer's admin API. Undefined everywhere means that the balancer does not answer. */
export interface AdminClient {
  apply(
    yaml: string,
    note: { readonly author: string; readonly reason: string },
  ): Promise<ConfigAnswer | undefined>;
  rollback(version: number | undefined, author: string): Promise<ConfigAnswer | undefined>;
  /** The version in force. */
  inForce(): Promise<number | undefined>;
  history(): Promise<readonly ConfigVersion[] | undefined>;
  pools(): Promise<readonly PoolStatus[] | undefined>;
  upstream(step: UpstreamAction): Promise<ActionResult | undefined>;
}
