import type { Clock } from "../../runtime/clock.ts";
import type { Target } from "../address.ts";
import type { RetryCondition } from "../config/schema.ts";
import { headerValue, type Exchange, type HeaderList, type ResponseHead } from "../exchange.ts";
import type { AttemptResult, CutName, FailureName } from "../outcome.ts";
import type {
  Transport,
  TransportFailure,
  UpstreamRequest,
  UpstreamRequestEvents,
} from "../transport/transport.ts";
import { listValues } from "./headers/headers.ts";
import { RenewableTimer, type Expiring } from "./renewable-timer.ts";

/** Why an attempt gave no whole answer. */
export interface AttemptFailure {
  readonly result: AttemptResult;
  /** The answer that the client gets without a retry. */
  readonly answer: FailureName | CutName;
  /** The setting under which it may be retried, if there is one. */
  readonly condition: RetryCondition | undefined;
  /** False only when it is certain that nothing of the request was sent. */
  readonly requestSent: boolean;
  /** True when bytes of the client's body are gone, or may be. */
  readonly bodyConsumed: boolean;
  /** True when the upstream had closed a kept connection. */
  readonly staleConnection: boolean;
}

/** What an attempt emits, in this order; after `ended`, `failed`, or a `head` that was declined, nothing more. */
export interface AttemptHandlers {
  inform(head: ResponseHead): void;
  /** False: the answer is not wanted. */
  head(head: ResponseHead): boolean;
  ended(trailers: HeaderList): void;
  failed(failure: AttemptFailure): void;
}

export interface AttemptLimits {
  readonly connectMs: number;
  /** For the head, from the moment the request is on its way and from each piece of its body. */
  readonly responseMs: number;
  /** Between two pieces of the answer's body. */
  readonly bodyIdleMs: number;
  /** The same where the body is a stream of events, in which there may be none for long. */
  readonly streamIdleMs: number;
}

/** One send of a request to one upstream, with the core's timers around it. A class: every request has one or more. */
export class Attempt<X extends Exchange> implements UpstreamRequestEvents, Expiring {
  /** Milliseconds from the start to a connection; undefined before. */
  connectMs: number | undefined = undefined;
  /** Milliseconds from there to the head of the answer; undefined before. */
  responseMs: number | undefined = undefined;
  private readonly exchange: X;
  private readonly target: Target;
  private readonly headers: HeaderList;
  private readonly limits: AttemptLimits;
  private readonly clock: Clock;
  private readonly transport: Transport<X>;
  private readonly handlers: AttemptHandlers;
  private readonly timer: RenewableTimer;
  private phase: "connecting" | "asking" | "relaying" | "over" | "aborted" = "connecting";
  private sent: UpstreamRequest | undefined = undefined;
  private since: number;

  constructor(
    exchange: X,
    target: Target,
    headers: HeaderList,
    limits: AttemptLimits,
    { clock, transport }: { readonly clock: Clock; readonly transport: Transport<X> },
    handlers: AttemptHandlers,
  ) {
    this.exchange = exchange;
    this.target = target;
    this.headers = headers;
    this.limits = limits;
    this.clock = clock;
    this.transport = transport;
    this.handlers = handlers;
    this.timer = new RenewableTimer(clock, this);
    this.since = clock.now();
  }

  send(): void {
    this.since = this.clock.now();
    this.timer.start(this.limits.connectMs);
    this.sent = this.transport.send(this.target, this.exchange, this.headers, this);
    // It was given up before `send` had returned.
    if (this.phase === "aborted") this.sent.abort();
  }

  /** It has waited for as long as it may. */
  expired(): void {
    this.giveUp(this.expiry());
  }

  /** Ends it at once. Nothing more is emitted. */
  abort(): void {
    this.phase = "aborted";
    this.timer.stop();
    this.sent?.abort();
  }

  connected(): void {
    if (this.phase !== "connecting") return;
    this.phase = "asking";
    const now = this.clock.now();
    this.connectMs = now - this.since;
    this.since = now;
    this.timer.start(this.limits.responseMs);
  }

  inform(head: ResponseHead): void {
    if (this.phase === "asking") this.handlers.inform(head);
  }

  head(head: ResponseHead): boolean {
    if (this.phase !== "connecting" && this.phase !== "asking") return false;
    const tunnel = head.status === 101;
    if (tunnel && !grants(head, this.exchange.head.upgrade)) {
      this.giveUp(WRONG_UPGRADE);
      return false;
    }
    this.responseMs = this.clock.now() - this.since;
    this.phase = "relaying";
    // A tunnel may be silent for as long as its ends like.
    if (tunnel) this.timer.stop();
    else this.timer.start(isEventStream(head) ? this.limits.streamIdleMs : this.limits.bodyIdleMs);
    if (!this.handlers.head(head)) this.over();
    return this.isRelaying();
  }

  progress(): void {
    if (this.phase !== "connecting") this.timer.renew();
  }

  end(trailers: HeaderList): void {
    if (this.phase !== "relaying") return;
    this.over();
    this.handlers.ended(trailers);
  }

  fail(failure: TransportFailure): void {
    if (this.phase === "over" || this.phase === "aborted") return;
    const relayed = this.phase === "relaying";
    this.over();
    this.handlers.failed(relayed ? CUT : failureOf(failure));
  }

  private over(): void {
    if (this.phase !== "aborted") this.phase = "over";
    this.timer.stop();
  }

  /** The handlers may have ended it. */
  private isRelaying(): boolean {
    return this.phase === "relaying";
  }

  private expiry(): AttemptFailure {
    const { phase, exchange } = this;
    if (phase === "connecting") return connectTimeout(exchange.head.hasBody);
    if (phase === "relaying") return STALLED;
    return exchange.awaitsBody?.() === true ? SLOW_BODY : NO_RESPONSE;
  }

  private giveUp(failure: AttemptFailure): void {
    this.abort();
    this.handlers.failed(failure);
  }
}

/** RFC 9110, 7.8: a 101 names the protocols that it switches to, and every one of them was requested. */
function grants({ headers }: ResponseHead, requested: string | undefined): boolean {
  if (requested === undefined) return false;
  const wanted = new Set(requested.split(",").map((protocol) => protocol.trim().toLowerCase()));
  const given = listValues(headers, "upgrade");
  return given.length > 0 && given.every((protocol) => wanted.has(protocol.toLowerCase()));
}

const EVENT_STREAM = /^text\/event-stream(?:[\t ;]|$)/i;

const isEventStream = ({ headers }: ResponseHead): boolean =>
  EVENT_STREAM.test(headerValue(headers, "content-type") ?? "");

const SENT = {
  condition: undefined,
  requestSent: true,
  bodyConsumed: false,
  staleConnection: false,
} as const;
const NO_RESPONSE: AttemptFailure = {
  ...SENT,
  result: "timeout",
  answer: "noResponse",
  condition: "timeout",
};
const STALLED: AttemptFailure = { ...SENT, result: "timeout", answer: "timeoutMidBody" };
/** No fault of the upstream's, which is still being sent the request. */
const SLOW_BODY: AttemptFailure = { ...SENT, bodyConsumed: true, result: "client-left", answer: "slowBody" };
const WRONG_UPGRADE: AttemptFailure = { ...SENT, result: "invalid", answer: "invalidUpgrade" };
const CUT: AttemptFailure = { ...SENT, result: "cut", answer: "cutMidBody" };
/** An engine may have taken in a body before it had a connection, and does not report it once it is aborted. */
const connectTimeout = (hasBody: boolean): AttemptFailure => ({
  result: "connect-timeout",
  answer: "connectTimeout",
  condition: "connect-failure",
  requestSent: false,
  bodyConsumed: hasBody,
  staleConnection: false,
});

function failureOf({ kind, requestSent, bodyConsumed, reused }: TransportFailure): AttemptFailure {
  const facts = { result: kind, requestSent, bodyConsumed, staleConnection: false };
  switch (kind) {
    case "refused":
    case "unreachable":
      return { ...facts, answer: "refused", condition: requestSent ? undefined : "connect-failure" };
    case "exhausted":
      return { ...facts, answer: "exhausted", condition: undefined };
    case "reset":
      return { ...facts, answer: "resetBeforeHead", condition: "reset", staleConnection: reused };
    case "invalid":
      return { ...facts, answer: "invalidResponse", condition: undefined };
  }
}
