import { NONCE_FIELD, wayProof, type Sign } from "../../runtime/answer-proof.ts";
import type { RequestRecord } from "../balancer.ts";
import { headerValue, type Exchange, type GoneWhy, type HeaderList, type ResponseHead } from "../exchange.ts";
import { answerHeaders, endToEnd } from "./headers/headers.ts";
import { FAILURES, type CutName, type FailureName } from "../outcome.ts";
import { answerPing } from "./own-answer.ts";
import {
  abandon,
  conclude,
  concludeCut,
  countAttempt,
  fail,
  isRouted,
  sinceBegin,
  type AnyRequestInFlight,
  type RequestInFlight,
  type ProxyDeps,
  type RoutedRequest,
  type Terms,
} from "./request-in-flight.ts";
import { mayResend, mayRetry, type RetryFacts } from "./retry-rule.ts";
import { createAttempt, type AttemptFailure, type AttemptLimits } from "./attempt.ts";
import type { Upstream } from "../pool/upstream.ts";

const NO_LIMITS: AttemptLimits = { connectMs: 0, responseMs: 0, bodyIdleMs: 0, streamIdleMs: 0 };

/** A head of 5xx as a reason to try again: the answer is there, and given up for a better one. */
const SERVER_ERROR = { condition: "5xx", requestSent: true, bodyConsumed: false } as const;

/**
 * Carries one exchange from its head to its one outcome: finds an upstream, sends, retries, relays, or answers in the
 * balancer's own name. Whichever way it ends, `ended` is called once, and then the place in flight is given back.
 */
export function forward<X extends Exchange>(
  exchange: X,
  terms: Terms,
  deps: ProxyDeps<X>,
  ended: (record: RequestRecord) => void,
): void {
  const { pool } = terms;
  const self: RequestInFlight<X> = {
    exchange,
    terms,
    deps,
    settings: pool?.settings,
    conclude: ended,
    at: deps.clock.wall(),
    began: deps.clock.now(),
    requestId: terms.forwarding.requestId(exchange),
    attempts: [],
    queueMs: undefined,
    done: false,
    stage: "nothing",
    wait: undefined,
    endPause: undefined,
    stopTotal: undefined,
    limits: NO_LIMITS,
    headers: undefined,
    current: undefined,
    upstream: undefined,
    sentAt: 0,
    status: 0,
    tunnel: false,
    tried: undefined,
    retries: 0,
    resent: false,
    key: undefined,
    stuckTo: undefined,
    // Shared by all, and not made for each.
    granted,
    refused,
    inform,
    head,
    ended: answered,
    failed,
  };
  exchange.onClientGone((why) => clientGone(self, why));
  if (self.done) return;
  if (terms.forwarding.refuses(exchange)) fail(self, "ambiguousField");
  else if (isRouted(self)) proxy(self);
  else if (exchange.head.target === "*") ping(self);
  else fail(self, "noRoute");
}

function clientGone(self: AnyRequestInFlight, why: GoneWhy | undefined): void {
  if (self.done) return;
  abandon(self, "client-left");
  if (why === "malformed") return fail(self, "malformedBody");
  const { started } = self.exchange;
  if (why === "slow") return fail(self, started ? "slowBodyMidAnswer" : "slowBody");
  if (started) concludeCut(self, "clientLeftMidBody");
  else conclude(self, { ...FAILURES.clientLeft, origin: "balancer" });
}

/** It is for no resource, and so for no pool. */
function ping(self: AnyRequestInFlight): void {
  self.done = true;
  answerPing(self.exchange, self.requestId);
  conclude(self, { status: 200, flag: "-", state: "LR", reason: undefined, origin: "balancer" });
}

function proxy(self: RoutedRequest): void {
  const { exchange, terms, settings, deps } = self;
  const { timeouts, pool } = terms;
  const { timeouts: own } = settings.config;
  self.limits = {
    connectMs: own.connectMs ?? timeouts.connectMs,
    responseMs: own.responseMs ?? timeouts.responseMs,
    bodyIdleMs: own.bodyIdleMs ?? timeouts.bodyIdleMs ?? timeouts.idleMs,
    streamIdleMs: own.streamIdleMs ?? timeouts.streamIdleMs,
  };
  self.stuckTo = settings.sticky?.carried(exchange);
  self.key = settings.keyOf(exchange);
  self.stage = "queue";
  const totalMs = own.totalMs ?? timeouts.totalMs;
  if (totalMs !== undefined)
    self.stopTotal = deps.clock.after(totalMs, () => {
      abandon(self, "timeout");
      fail(self, exchange.started ? "timeoutMidBody" : "tooLong");
    });
  pool.retryBudget.request();
  self.wait = pool.admission.acquire(self);
}

function granted(this: RoutedRequest, upstream: Upstream): void {
  this.queueMs = sinceBegin(this);
  send(this, upstream);
}

function refused(this: RoutedRequest, why: "noCandidate" | "queueFull" | "queueTimeout"): void {
  if (why === "queueTimeout") this.queueMs = sinceBegin(this);
  fail(this, why);
}

function send(self: RoutedRequest, upstream: Upstream): void {
  const { exchange, terms, deps } = self;
  self.sentAt = deps.clock.now();
  self.status = 0;
  self.headers ??= terms.forwarding.requestHeaders(exchange, self.requestId, terms.route?.requestEdit);
  const attempt = createAttempt(exchange, upstream.target, self.headers, self.limits, deps, self);
  self.current = attempt;
  self.upstream = upstream;
  self.stage = "try";
  terms.pool.began(upstream);
  attempt.send();
}

function inform(this: AnyRequestInFlight, head: ResponseHead): void {
  this.exchange.inform({ ...head, headers: endToEnd(head.headers, isLength) });
}

function head(this: RoutedRequest, head: ResponseHead): boolean {
  const { settings, terms, upstream, deps } = this;
  if (head.status >= 500 && upstream && retriesAfter(this, SERVER_ERROR)) {
    const giveUp = () => countAttempt(this, "5xx");
    if (again(this, upstream, SERVER_ERROR, { giveUp, nowhere: "noCandidate" })) return false;
  }
  this.status = head.status;
  const tunnel = head.status === 101;
  const headers = answerHeaders(head.headers, {
    tunnel,
    way: deps.signWay && signedWay(this, deps.signWay),
    setCookie: upstream && settings.sticky?.cookie(upstream.name, isOverTls(this)),
    edit: terms.route?.responseEdit,
  });
  this.exchange.start({ status: head.status, reason: head.reason, headers });
  if (tunnel && !this.done) tunnelBegins(this);
  return !this.done;
}

/** From which upstream and through which listener the answer comes, for whoever asked by a nonce. */
function signedWay({ exchange, upstream, terms }: RoutedRequest, sign: Sign): string | undefined {
  const nonce = exchange.header(NONCE_FIELD);
  if (nonce === undefined || !upstream || !terms.route) return undefined;
  return wayProof(sign, nonce, upstream.address, terms.route.bind);
}

/** Whoever speaks another protocol from here on does so for as long as they like. */
function tunnelBegins(self: RoutedRequest): void {
  const { terms, upstream } = self;
  self.stopTotal?.();
  if (!upstream) return;
  self.tunnel = true;
  terms.pool.admission.tunnel(upstream);
}

/** As its upstream was told: by us, or by a trusted proxy that ends TLS. */
function isOverTls({ headers }: AnyRequestInFlight): boolean {
  return headers !== undefined && headerValue(headers, "x-forwarded-proto")?.toLowerCase() === "https";
}

function answered(this: RoutedRequest, trailers: HeaderList): void {
  const { status, exchange } = this;
  countAttempt(this, status >= 500 ? "5xx" : "ok");
  this.done = true;
  exchange.end(endToEnd(trailers));
  conclude(this, { status, flag: "-", state: "--", reason: undefined, origin: "upstream" });
}

function failed(this: RoutedRequest, failure: AttemptFailure): void {
  const { terms, deps, exchange, upstream } = this;
  countAttempt(this, failure.result);
  if (!upstream) return;
  if (!this.resent && mayResend(exchange.head, failure) && terms.pool.isAvailable(upstream)) {
    this.resent = true;
    deps.observer.retry(terms.pool.name, "stale-connection");
    return send(this, upstream);
  }
  const nowhere = failure.answer === "refused" && this.retries > 0 ? "retriesUsedUp" : failure.answer;
  if (!retriesAfter(this, failure) || !again(this, upstream, failure, { nowhere })) fail(this, nowhere);
}

/** Whether there may be another try after this failure. If so, it is taken from the budget. */
function retriesAfter(
  { settings, terms, deps, exchange, retries }: RoutedRequest,
  failure: RetryFacts,
): boolean {
  const { retry } = settings.config;
  const { pool } = terms;
  if (retries >= retry.attempts || !mayRetry(retry, exchange.head, failure)) return false;
  if (pool.retryBudget.tryRetry(retry.budgetPercent)) return true;
  deps.observer.retryDenied(pool.name);
  return false;
}

/**
 * Tries again, at once or after the back-off, for which the place in flight is kept. False: there is nowhere to go, and the
 * failure stands. After a back-off, or when this failure had the last candidate ejected, it is too late for that, and the
 * client is told `nowhere`. `giveUp` is called when it is certain that what came of the last try is not wanted.
 */
function again(
  self: RoutedRequest,
  from: Upstream,
  { condition }: RetryFacts,
  { giveUp, nowhere }: { readonly giveUp?: () => void; readonly nowhere: FailureName | CutName },
): boolean {
  const { settings, terms, deps } = self;
  const { retry } = settings.config;
  const { pool } = terms;
  const avoid = (self.tried ??= new Set()).add(from);
  const go = (): boolean => {
    let next = pool.admission.retry(self, from, avoid);
    if (!next) return false;
    if (giveUp && retry.backoffMs === 0) {
      giveUp();
      // Now that the failure counts, that one may be ejected for it.
      if (!pool.isAvailable(next)) next = pool.admission.retry(self, next, avoid);
    }
    if (next) {
      self.retries += 1;
      deps.observer.retry(pool.name, condition ?? "-");
      send(self, next);
    } else fail(self, nowhere);
    return true;
  };
  if (retry.backoffMs === 0) return go();
  giveUp?.();
  const waitMs = deps.random.next() * Math.min(retry.backoffMs * (1 << self.retries), 10 * retry.backoffMs);
  self.stage = "pause";
  self.endPause = deps.clock.after(waitMs, () => {
    if (!go()) fail(self, nowhere);
  });
  return true;
}

/** An interim answer has no body, and must not say so either (RFC 9110, 8.6). */
const isLength = (name: string): boolean => name === "content-length";
