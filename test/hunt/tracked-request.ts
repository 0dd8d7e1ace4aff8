import type { BalancerConfig, PoolConfig } from "../../lb/config/schema.ts";
import type { PoolFacts, UpstreamFacts } from "./facts.ts";
import type { RequestStep } from "./plan.ts";

/** All that was seen of one request at the balancer's edges. */
export interface TrackedRequest {
  readonly id: string;
  readonly step: RequestStep;
  /** Its pool as it came; undefined: no route leads anywhere. */
  readonly pool: PoolFacts | undefined;
  /** The settings that hold while it is in flight. */
  readonly terms: PoolConfig | undefined;
  readonly timeouts: BalancerConfig["timeouts"];
  /** The upstream that its cookie names. */
  readonly stuckTo: string | undefined;
  /** Whether that one was available for it when it came. */
  readonly stuckWasAvailable: boolean;
  /** Its pool's policy finds in it what it hashes. */
  readonly hasKey: boolean;
  waited: boolean;
  place: UpstreamFacts | undefined;
  between: boolean;
  /** An attempt is under way. */
  open: boolean;
  sends: number;
  resends: number;
  last: UpstreamFacts | undefined;
  /** Some attempt reached a connection, and may have been carried out. */
  mayBeDone: boolean;
  /** Reported by its client. */
  gone: "left" | "malformed" | undefined;
  outcome: "answered" | "cut" | undefined;
  status: number;
  origin: "balancer" | "upstream" | undefined;
  body: string;
  ended: boolean;
}

/** What a policy may hash that no request has. */
export const ABSENT_KEY = "header:x-absent";

type Given = Pick<TrackedRequest, "id" | "step" | "pool" | "timeouts" | "stuckTo" | "stuckWasAvailable">;

export function newTracked({ id, step, pool, timeouts, stuckTo, stuckWasAvailable }: Given): TrackedRequest {
  return {
    id,
    step,
    pool,
    terms: pool?.config,
    timeouts,
    stuckTo,
    stuckWasAvailable,
    hasKey: pool !== undefined && "key" in pool.config.policy && pool.config.policy.key !== ABSENT_KEY,
    waited: false,
    place: undefined,
    between: false,
    open: false,
    sends: 0,
    resends: 0,
    last: undefined,
    mayBeDone: false,
    gone: undefined,
    outcome: undefined,
    status: 0,
    origin: undefined,
    body: "",
    ended: false,
  };
}

export function describeTracked({ id, step, sends, last }: TrackedRequest): string {
  const where = last ? `, last at ${last.name}` : "";
  return `request ${id} (${step.method} to ${step.pool}, came at ${step.at} ms, ${sends} attempts${where})`;
}
