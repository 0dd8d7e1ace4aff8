import type { Target } from "../address.ts";
import type { Exchange, HeaderList, ResponseHead } from "../exchange.ts";

/** Why an attempt ended without a whole answer. Timeouts are not here: all waiting belongs to the core's timers. */
export interface TransportFailure {
  readonly kind:
    | "refused" // nothing listens there
    | "unreachable" // any other failure to connect
    | "exhausted" // this machine has no descriptor, port or memory left for a connection
    | "reset" // the connection broke or ended too early
    | "invalid"; // what came is not a valid answer
  /** False only when it is certain that no byte of the request was sent. */
  readonly requestSent: boolean;
  /** True when bytes of the client's body were consumed: the request cannot be sent again. */
  readonly bodyConsumed: boolean;
  /** The connection had served earlier requests: the upstream may simply have closed it while it idled. */
  readonly reused: boolean;
  /** The head of the answer had been delivered already. */
  readonly headReceived: boolean;
  readonly detail: string;
}

/** What an upstream request emits to the core; in this order, each at most once but `progress` and `inform`. */
export interface UpstreamRequestEvents {
  /** A connection is there and the request is on its way. */
  connected(reused: boolean): void;
  inform(head: ResponseHead): void;
  /** The final head. True: relay the body into the exchange. False: the core has given the attempt up. */
  head(head: ResponseHead): boolean;
  /** Bytes of a body moved, either way. */
  progress(): void;
  /** The whole body was relayed; the core ends the exchange. */
  end(trailers: HeaderList): void;
  /** The attempt is over and no other event follows. */
  fail(failure: TransportFailure): void;
}

export interface UpstreamRequest {
  /** Ends the attempt and its connection at once. No event follows. */
  abort(): void;
}

export interface ConnectionCounts {
  readonly idle: number;
  readonly active: number;
  readonly reuses: number;
}

/** What a health check asks for with GET. */
export interface CheckRequest {
  readonly path: string;
  /** The Host it is sent with; undefined: the upstream's address. */
  readonly host?: string | undefined;
}

/** The outcome of a health check. `exhausted`: it never left this machine, and is no verdict on the upstream. */
export type CheckOutcome =
  | { readonly kind: "answered"; readonly status: number; readonly detail: string }
  | { readonly kind: TransportFailure["kind"]; readonly detail: string };

/** A health check that has not ended. */
export interface PendingCheck {
  /** Whether it has a connection. */
  readonly connected: boolean;
  /** Ends it at once. Nothing is reported. */
  cancel(): void;
}

/**
 * Carries requests to upstreams: a live engine, or the simulation. It never waits, queues or retries by itself.
 * `X` is the world's own exchange, from which it takes the client's body.
 */
export interface Transport<X extends Exchange = Exchange> {
  /** Opens or reuses a connection and sends the exchange's request, body included, with these headers. */
  send(target: Target, exchange: X, headers: HeaderList, events: UpstreamRequestEvents): UpstreamRequest;
  /** A health check: a GET on a connection of its own, without a deadline. `done` is called once, unless it is cancelled. */
  check(target: Target, request: CheckRequest, done: (outcome: CheckOutcome) => void): PendingCheck;
  counts(target: Target): ConnectionCounts;
  /** Closes idle connections to an upstream that has left the configuration, and active ones as they end. */
  forget(target: Target): void;
  close(): void;
}
