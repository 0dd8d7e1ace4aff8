import type { Clock } from "../../runtime/clock.ts";
import type { RetryCondition } from "../config/schema.ts";
import { headerValue, type Exchange, type HeaderList, type ResponseHead } from "../exchange.ts";
import { listValues } from "./headers/headers.ts";
import type { CutName, FailureName, AttemptResult } from "../outcome.ts";
import { createRenewableTimer, type RenewableTimer } from "./renewable-timer.ts";
import type {
  UpstreamRequest,
  UpstreamRequestEvents,
  TransportFailure,
  Transport,
} from "../transport/transport.ts";
import type { Target } from "../address.ts";

/** Why a try gave no whole answer. */
export interface AttemptFailure {
  readonly result: AttemptResult;
  /** What the client gets if it stays at that. */
  readonly answer: FailureName | CutName;
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
  /** The same where the body is a stream of events, which may have nothing to say for long. */
  readonly streamIdleMs: number;
}

export interface Attempt {
  send(): void;
  /** Ends it at once. Nothing more comes of it. */
  abort(): void;
  /** Milliseconds from the start to a connection; undefined before. */
  readonly connectMs: number | undefined;
  /** Milliseconds from there to the head of the answer; undefined before. */
  readonly responseMs: number | undefined;
}

/** One sending of a request to one upstream, with the core's timers around it. */
export function createAttempt<X extends Exchange>(
  exchange: X,
  target: Target,
  headers: HeaderList,
  limits: AttemptLimits,
  { clock, transport }: { readonly clock: Clock; readonly transport: Transport<X> },
  handlers: AttemptHandlers,
): Attempt {
  const self: State<X> = {
    connectMs: undefined,
    responseMs: undefined,
    send,
    abort,
    connected,
    inform,
    head,
    progress,
    end,
    fail,
    exchange,
    target,
    headers,
    limits,
    clock,
    transport,
    handlers,
    timer: createRenewableTimer(clock, () => giveUp(self, expiry(self))),
    phase: "connecting",
    sent: undefined,
    since: clock.now(),
  };
  return self;
}

interface State<X extends Exchange> extends Attempt, UpstreamRequestEvents {
  connectMs: number | undefined;
  responseMs: number | undefined;
  readonly exchange: X;
  readonly target: Target;
  readonly headers: HeaderList;
  readonly limits: AttemptLimits;
  readonly clock: Clock;
  readonly transport: Transport<X>;
  readonly handlers: AttemptHandlers;
  readonly timer: RenewableTimer;
  phase: "connecting" | "asking" | "relaying" | "over" | "aborted";
  sent: UpstreamRequest | undefined;
  since: number;
}

type AnyState = State<Exchange>;

// Shared by all tries, and not made for each: they were a quarter of all that a request allocated.
function send(this: AnyState): void {
  this.since = this.clock.now();
  this.timer.start(this.limits.connectMs);
  this.sent = this.transport.send(this.target, this.exchange, this.headers, this);
  // It was given up before `send` had returned.
  if (this.phase === "aborted") this.sent.abort();
}

function abort(this: AnyState): void {
  this.phase = "aborted";
  this.timer.stop();
  this.sent?.abort();
}

function connected(this: AnyState): void {
  if (this.phase !== "connecting") return;
  this.phase = "asking";
  const now = this.clock.now();
  this.connectMs = now - this.since;
  this.since = now;
  this.timer.start(this.limits.responseMs);
}

function inform(this: AnyState, head: ResponseHead): void {
  if (this.phase === "asking") this.handlers.inform(head);
}

function head(this: AnyState, head: ResponseHead): boolean {
  if (this.phase !== "connecting" && this.phase !== "asking") return false;
  const tunnel = head.status === 101;
  if (tunnel && !grants(head, this.exchange.head.upgrade)) {
    giveUp(this, WRONG_UPGRADE);
    return false;
  }
  this.responseMs = this.clock.now() - this.since;
  this.phase = "relaying";
  // A tunnel may be silent for as long as its ends like.
  if (tunnel) this.timer.stop();
  else this.timer.start(isEventStream(head) ? this.limits.streamIdleMs : this.limits.bodyIdleMs);
  if (!this.handlers.head(head)) over(this);
  return isRelaying(this);
}

function progress(this: AnyState): void {
  if (this.phase !== "connecting") this.timer.renew();
}

function end(this: AnyState, trailers: HeaderList): void {
  if (this.phase !== "relaying") return;
  over(this);
  this.handlers.ended(trailers);
}

function fail(this: AnyState, failure: TransportFailure): void {
  if (isOver(this)) return;
  const relayed = this.phase === "relaying";
  over(this);
  this.handlers.failed(relayed ? CUT : failureOf(failure));
}

function over(self: AnyState): void {
  if (self.phase !== "aborted") self.phase = "over";
  self.timer.stop();
}

/** RFC 9110, 7.8: a 101 names the protocols that it switches to, and every one of them was asked for. */
function grants({ headers }: ResponseHead, asked: string | undefined): boolean {
  if (asked === undefined) return false;
  const wanted = new Set(asked.split(",").map((protocol) => protocol.trim().toLowerCase()));
  const given = listValues(headers, "upgrade");
  return given.length > 0 && given.every((protocol) => wanted.has(protocol.toLowerCase()));
}

const isEventStream = ({ headers }: ResponseHead): boolean =>
  EVENT_STREAM.test(headerValue(headers, "content-type") ?? "");

/** The handlers may have ended it. */
const isRelaying = ({ phase }: AnyState): boolean => phase === "relaying";
const isOver = ({ phase }: AnyState): boolean => phase === "over" || phase === "aborted";

function expiry({ phase, exchange }: AnyState): AttemptFailure {
  if (phase === "connecting") return connectTimeout(exchange.head.hasBody);
  if (phase === "relaying") return STALLED;
  return exchange.awaitsBody?.() === true ? SLOW_BODY : NO_RESPONSE;
}

function giveUp(self: AnyState, failure: AttemptFailure): void {
  self.abort();
  self.handlers.failed(failure);
}

const EVENT_STREAM = /^text\/event-stream(?:[\t ;]|$)/i;

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
/** An engine may have taken in a body before it had a connection, and one that is aborted cannot tell us. */
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
