import type { Sign } from "../runtime/answer-proof.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import type { Random } from "../runtime/random.ts";
import type { BalancerConfig, PoolConfig, UpstreamConfig } from "./config/schema.ts";
import type { Exchange } from "./exchange.ts";
import type { AttemptResult, Verdict, CheckResult } from "./outcome.ts";
import type { PickReason } from "./pick-reasons.ts";
import type { Transport } from "./transport/transport.ts";

/** One attempt of a request, as its record has it. */
export interface AttemptRecord {
  readonly upstream: string;
  readonly result: AttemptResult;
  readonly pickedBecause?: PickReason;
}

/** Everything that the access log and the metrics know of one finished request. */
export interface RequestRecord extends Verdict {
  /** Epoch milliseconds at which the head was received. */
  readonly at: number;
  readonly listener: string;
  /** `listener/index` of the route in its listener, `-` when none matched: a closed set. */
  readonly route: string;
  readonly pool: string;
  /** One entry an attempt, in order. The last one answered or failed last. */
  readonly attempts: readonly AttemptRecord[];
  readonly method: string;
  readonly target: string;
  /** Its version (`HTTP/1.0`); undefined: `HTTP/1.1`, or with the method `-` one that could not be read. */
  readonly protocol?: string | undefined;
  readonly host: string;
  readonly peer: string;
  readonly peerPort?: number | undefined;
  /** Milliseconds; undefined when the request never came that far. */
  readonly queueMs: number | undefined;
  readonly connectMs: number | undefined;
  readonly responseMs: number | undefined;
  readonly totalMs: number;
  readonly bytesOut: number;
  readonly requestId: string;
  /** While a canary runs: the version of the configuration that it met, and whose request it was. */
  readonly configVersion?: number | undefined;
  readonly arm?: Arm | undefined;
}

/** Which version a request met: the canary's users, as many of the others, or the rest of the others. */
export type Arm = "canary" | "baseline" | "rest";

/** Says whose a request is while two versions serve, and is notified of what became of it. */
export interface CanaryTraffic {
  armOf(exchange: Exchange): Arm;
  ended(record: RequestRecord, arm: Arm): void;
}

/** A version that serves a part of the users beside the one in force. */
export interface CanaryView {
  readonly config: BalancerConfig;
  readonly version: number;
  pools(): readonly PoolView[];
}

export type UpstreamState = "UP" | "DOWN" | "DRAIN" | "MAINT" | "EJECTED";

/** A readonly picture of one upstream, for metrics, stats and the admin API. */
export interface UpstreamView {
  readonly pool: string;
  readonly name: string;
  readonly address: string;
  readonly state: UpstreamState;
  /** HAProxy's status: `no check` for an upstream that counts as UP without health checks, `UP 2/3` while checks fail. */
  readonly status: string;
  readonly weight: number;
  /** What picks go by now: less than `weight` in a slow start, 0 when it is not UP. */
  readonly effectiveWeight: number;
  /** Its share, 0..1, of the weights of all that are set to ready, healthy or not: what it is meant to get. */
  readonly configuredShare: number;
  /** Tunnels included. */
  readonly inFlight: number;
  /** WebSockets and the like, which no limit of requests in flight holds back; absent: none. */
  readonly tunnels?: number;
  /** The most it ever had in flight. */
  readonly peakInFlight: number;
  readonly maxConnections: number;
  readonly requests: number;
  readonly failures: number;
  readonly check: CheckResult | undefined;
  readonly checkFailures: number;
  /** Of these, those that failed while it was not DOWN. */
  readonly checkFailuresUp: number;
}

export interface PoolView {
  readonly name: string;
  readonly policy: PoolConfig["policy"]["type"];
  readonly queueLength: number;
  /** The longest that its queue ever was. */
  readonly queuePeak: number;
  readonly queueLimit: number;
  /** The most requests that were ever in flight or waiting. */
  readonly peak: number;
  /** Whether some upstream is UP with weight: times that it ceased to be so, milliseconds without, and since the last change. */
  readonly outage: { readonly count: number; readonly totalMs: number; readonly changedMs: number };
  /** Panic mode: too few upstreams are healthy, so all that are ready get requests. */
  readonly panic: boolean;
  readonly upstreams: readonly UpstreamView[];
}

/** What is counted of the connections of a listener. */
export interface ListenerCounts {
  readonly open: number;
  readonly peak: number;
  readonly maxConnections: number;
  /** Connections so far, those of the last whole second, and the most in a second. */
  readonly total: number;
  readonly rate: number;
  readonly rateMax: number;
  /** Bytes that clients sent and were sent, heads included. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Connections that were closed at once, since there were too many. */
  readonly refused: number;
}

/** By the listener's name. */
export type CountsOfListeners = ReadonlyMap<string, ListenerCounts>;

/** Notified by the core of what happens: the metrics, the statistics and the access log. Never slows or fails a request. */
export interface Observer {
  request(record: RequestRecord): void;
  /** One attempt at an upstream has ended. */
  attempt(pool: string, upstream: string, result: AttemptResult): void;
  retry(pool: string, reason: string): void;
  retryDenied(pool: string): void;
  check(pool: string, upstream: string, ok: boolean, durationMs: number): void;
  upstreamState(pool: string, upstream: string, state: UpstreamState): void;
  /** Outlier detection has taken an upstream out for a while. */
  ejected(pool: string, upstream: string): void;
  /** A configuration took effect: label sets are fixed from here. */
  configured(config: BalancerConfig, version: number): void;
}

export interface BalancerDeps<X extends Exchange> {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly transport: Transport<X>;
  readonly observer: Observer;
  /** Signs the way of answers to requests that carry a nonce. */
  readonly signWay?: Sign | undefined;
}

/**
 * The balancer's decisions: route, admit or queue, pick, send, retry, observe, drain. Free of promises, sockets and
 * timers of its own, so that the same code runs live and in virtual time.
 */
export interface Balancer<X extends Exchange = Exchange> {
  /** Takes over an exchange that `listener` accepted. It gets exactly one outcome. */
  handle(listener: string, exchange: X): void;
  /**
   * Puts a configuration into effect at once, for new requests; those in flight end under the old one. Upstreams that
   * stay (same pool, name and address) keep their health, their counters and what they have in flight.
   */
  apply(config: BalancerConfig, version: number): void;
  readonly config: BalancerConfig;
  readonly version: number;
  pools(): readonly PoolView[];
  /** Run-time changes, by upstream name in every pool that has it; they last until the next `apply`. False: unknown. */
  setWeight(upstream: string, weight: number): boolean;
  setState(upstream: string, state: UpstreamConfig["state"]): boolean;
  /**
   * Serves a second version beside this one, to the requests of which `traffic` says so, with the same upstreams where both have them.
   * Throws CONFIG_INVALID as `createBalancer` does. There is none.
   */
  startCanary(config: BalancerConfig, version: number, traffic: CanaryTraffic): void;
  /** The canary's version is in force for all from here on, as `apply` has it. */
  promoteCanary(): void;
  /** No further request meets the canary's version. What is in flight or waits under it ends under it. */
  abortCanary(): void;
  readonly canary: CanaryView | undefined;
  readonly inFlight: number;
  /** Ends health checks and timers. Call it when nothing is in flight any more. */
  close(): void;
}
