import type { ProbeRoute } from "../probe/record.ts";

/** The requests of a quarter of a second: exact counts, and a sample of them to be shown one by one. */
export interface TrafficView {
  /** They ended, and were reported, between these two moments (epoch ms). */
  readonly from: number;
  readonly to: number;
  readonly counts: readonly TrafficCount[];
  /** At most 50, in the order in which they were sent. The weights of those of an outcome add up to its count. */
  readonly samples: readonly SampledRequest[];
  /** Some lines of the balancer's access log could not be read: counts behind the listener are too low. */
  readonly missed: boolean;
}

/**
 * A way that requests take. `users`: the prober's users to the listener, or the dependent API's callers to it. `route`: from
 * a listener by a route to its pool (`-`: none matched). `upstream`: attempts at an upstream. `others`: edges past the first 500.
 */
export type TrafficEdge =
  | { readonly from: "users"; readonly to: "listener" | "api"; readonly route: ProbeRoute }
  | { readonly from: "listener"; readonly listener: string; readonly route: string; readonly pool: string }
  | { readonly from: "pool"; readonly pool: string; readonly upstream: string }
  | { readonly from: "others" };

export interface TrafficCount {
  readonly edge: TrafficEdge;
  /** `200`, `503 UO`, `refused`, `timeout`; of an attempt, its result (`ok`, `5xx`, `refused`). */
  readonly outcome: string;
  readonly failed: boolean;
  readonly count: number;
}

interface Sampled {
  /** How many requests it stands for, itself among them: a whole number. */
  readonly weight: number;
  /** When it was sent, or its head was received (epoch ms). */
  readonly at: number;
  readonly outcome: string;
  readonly failed: boolean;
  readonly status: number | undefined;
  /** The balancer's flag, where it made the answer itself. */
  readonly flag: string | undefined;
}

/** A request of the prober's users, as it went for them. The user is left out. */
export interface SampledUserRequest extends Sampled {
  readonly seenBy: "users";
  readonly route: ProbeRoute;
  /** The backend that answered, where that was proved. */
  readonly backend: string | undefined;
  readonly durationMs: number;
}

/** A request as the balancer's access log has it: its edges, its attempts, and how it ended. */
export interface SampledBalancerRequest extends Sampled {
  readonly seenBy: "balancer";
  readonly id: string;
  readonly method: string;
  /** Its first 200 characters. */
  readonly target: string;
  readonly listener: string;
  readonly route: string;
  readonly pool: string;
  /** In their order; the last one answered, or failed last. None: no upstream was picked. */
  readonly attempts: readonly {
    readonly upstream: string;
    readonly result: string;
    /** One of the balancer's reasons (`lb/pick-reasons.ts`); absent where the log does not have it. */
    readonly pickedBecause?: string | undefined;
  }[];
  /** HAProxy's termination state. */
  readonly state: string;
  readonly reason: string | undefined;
  readonly origin: "balancer" | "upstream";
  readonly queueMs: number | undefined;
  readonly connectMs: number | undefined;
  readonly responseMs: number | undefined;
  readonly totalMs: number;
  readonly bytesOut: number;
}

export type SampledRequest = SampledUserRequest | SampledBalancerRequest;
