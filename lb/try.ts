import type { Clock } from "../runtime/clock.ts";
import type { RetryCondition } from "./config/schema.ts";
import type { Exchange, HeaderList, ResponseHead } from "./exchange.ts";
import type { FailureName, TryResult } from "./outcome.ts";
import { createPatience } from "./patience.ts";
import type { Attempt, AttemptFailure, Target, Transport } from "./transport/transport.ts";

/** Why a try gave no whole answer. */
export interface TryFailure {
  readonly result: TryResult;
  /** What the client gets if it stays at that. */
  readonly answer: FailureName;
  /** The setting under which it may be retried, if there is one. */
  readonly condition: RetryCondition | undefined;
  /** False only when it is certain that nothing of the request was sent. */
  readonly requestSent: boolean;
  /** Bytes of the client's body are gone, or may be. */
  readonly bodyConsumed: boolean;
  /** A kept connection was found closed by the upstream. */
  readonly staleConnection: boolean;
}

/** What comes of a try, in this order; after `ended`, `failed`, or a `head` that was declined, nothing more. */
export interface TryHandlers {
  inform(head: ResponseHead): void;
  /** False: the answer is not wanted. */
  head(head: ResponseHead): boolean;
  ended(trailers: HeaderList): void;
  failed(failure: TryFailure): void;
}

export interface TryLimits {
  readonly connectMs: number;
  /** For the head, from the moment the request is on its way and from each piece of its body. */
  readonly responseMs: number;
  /** Between two pieces of the answer's body. */
  readonly bodyIdleMs: number;
}

export interface Try {
  send(): void;
  /** Ends it at once. Nothing more comes of it. */
  abort(): void;
  /** Milliseconds from the start to a connection; undefined before. */
  readonly connectMs: number | undefined;
  /** Milliseconds from there to the head of the answer; undefined before. */
  readonly responseMs: number | undefined;
}

/** One sending of a request to one upstream, with the core's timers around it. */
export function createTry<X extends Exchange>(
  exchange: X,
  target: Target,
  headers: HeaderList,
  limits: TryLimits,
  { clock, transport }: { readonly clock: Clock; readonly transport: Transport<X> },
  handlers: TryHandlers,
): Try {
  const patience = createPatience(clock, () => giveUp(expiry()));
  let phase: "connecting" | "asking" | "relaying" | "over" = "connecting";
  let attempt: Attempt | undefined;
  let aborted = false;
  let since = clock.now();

  function over() {
    phase = "over";
    patience.stop();
  }

  function abort() {
    over();
    aborted = true;
    attempt?.abort();
  }

  function expiry(): TryFailure {
    if (phase === "connecting") return connectTimeout(exchange.head.hasBody);
    if (phase === "relaying") return STALLED;
    return exchange.awaitsBody?.() === true ? SLOW_BODY : NO_RESPONSE;
  }

  function giveUp(failure: TryFailure) {
    abort();
    handlers.failed(failure);
  }

  // Plain fields, not getters: V8 makes a hidden class of its own for each literal that has some.
  const self: { -readonly [Key in keyof Try]: Try[Key] } = {
    connectMs: undefined,
    responseMs: undefined,
    send() {
      since = clock.now();
      patience.start(limits.connectMs);
      attempt = transport.send(target, exchange, headers, {
        connected() {
          if (phase !== "connecting") return;
          phase = "asking";
          const now = clock.now();
          self.connectMs = now - since;
          since = now;
          patience.start(limits.responseMs);
        },
        inform(head) {
          if (phase === "asking") handlers.inform(head);
        },
        head(head) {
          if (phase === "over" || phase === "relaying") return false;
          const tunnel = head.status === 101;
          if (tunnel && exchange.head.upgrade === undefined) {
            giveUp(UNASKED_UPGRADE);
            return false;
          }
          self.responseMs = clock.now() - since;
          phase = "relaying";
          // A tunnel may be silent for as long as its ends like.
          if (tunnel) patience.stop();
          else patience.start(limits.bodyIdleMs);
          if (!handlers.head(head)) over();
          return phase === "relaying";
        },
        progress() {
          if (phase !== "connecting") patience.renew();
        },
        end(trailers) {
          if (phase !== "relaying") return;
          over();
          handlers.ended(trailers);
        },
        fail(failure) {
          if (phase === "over") return;
          const relayed = phase === "relaying";
          over();
          handlers.failed(relayed ? CUT : failureOf(failure));
        },
      });
      // It was given up before `send` had returned.
      if (aborted) attempt.abort();
    },
    abort,
  };
  return self;
}

const SENT = {
  condition: undefined,
  requestSent: true,
  bodyConsumed: false,
  staleConnection: false,
} as const;
const NO_RESPONSE: TryFailure = { ...SENT, result: "timeout", answer: "noResponse", condition: "timeout" };
const STALLED: TryFailure = { ...SENT, result: "timeout", answer: "timeoutMidBody" };
/** No fault of the upstream's, which is still being sent the request. */
const SLOW_BODY: TryFailure = { ...SENT, bodyConsumed: true, result: "client-left", answer: "slowBody" };
const UNASKED_UPGRADE: TryFailure = { ...SENT, result: "invalid", answer: "invalidResponse" };
const CUT: TryFailure = { ...SENT, result: "cut", answer: "cutMidBody" };
/** An engine may have taken in a body before it had a connection, and one that is aborted cannot tell us. */
const connectTimeout = (hasBody: boolean): TryFailure => ({
  result: "connect-timeout",
  answer: "connectTimeout",
  condition: "connect-failure",
  requestSent: false,
  bodyConsumed: hasBody,
  staleConnection: false,
});

function failureOf({ kind, requestSent, bodyConsumed, reused }: AttemptFailure): TryFailure {
  const facts = { result: kind, requestSent, bodyConsumed, staleConnection: false };
  switch (kind) {
    case "refused":
    case "unreachable":
      return { ...facts, answer: "refused", condition: requestSent ? undefined : "connect-failure" };
    case "reset":
      return { ...facts, answer: "resetBeforeHead", condition: "reset", staleConnection: reused };
    case "invalid":
      return { ...facts, answer: "invalidResponse", condition: undefined };
  }
}
