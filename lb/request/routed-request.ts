import { NONCE_FIELD, wayProof, type Sign } from "../../runtime/answer-proof.ts";
import type { RequestRecord } from "../balancer.ts";
import { headerValue, type Exchange, type HeaderList, type ResponseHead } from "../exchange.ts";
import type { CutName, FailureName } from "../outcome.ts";
import type { PickReason } from "../pick-reasons.ts";
import type { Applicant } from "../pool/admission.ts";
import type { Pool } from "../pool/pool.ts";
import type { PoolSettings } from "../pool/pool-settings.ts";
import type { Upstream } from "../pool/upstream.ts";
import { Attempt, type AttemptFailure, type AttemptHandlers, type AttemptLimits } from "./attempt.ts";
import { answerHeaders, endToEnd } from "./headers/headers.ts";
import { RequestInFlight, type ProxyDeps, type Terms } from "./request-in-flight.ts";
import { mayResend, mayRetry, type RetryFacts } from "./retry-rule.ts";

/** The terms of a request that has a pool to go to. */
export type RoutedTerms = Terms & { readonly pool: Pool };

/** A head of 5xx as a reason for a retry: the answer is there, and given up for a better one. */
const SERVER_ERROR = { condition: "5xx", requestSent: true, bodyConsumed: false } as const;

/** A request with a pool: waits for an upstream, sends, retries, relays. */
export class RoutedRequest<X extends Exchange>
  extends RequestInFlight<X>
  implements Applicant, AttemptHandlers
{
  readonly key: string | undefined;
  readonly stuckTo: string | undefined;
  private readonly pool: Pool;
  /** As they were when it came in. */
  private readonly settings: PoolSettings;
  private readonly limits: AttemptLimits;
  private headers: string[] | undefined = undefined;
  private attempted: Set<Upstream> | undefined = undefined;
  private retries = 0;
  private resent = false;

  constructor(
    exchange: X,
    terms: RoutedTerms,
    deps: ProxyDeps<X>,
    finished: (record: RequestRecord) => void,
  ) {
    super(exchange, terms, deps, finished);
    const { pool, timeouts } = terms;
    const { settings } = pool;
    const { timeouts: own } = settings.config;
    this.pool = pool;
    this.settings = settings;
    this.limits = {
      connectMs: own.connectMs ?? timeouts.connectMs,
      responseMs: own.responseMs ?? timeouts.responseMs,
      bodyIdleMs: own.bodyIdleMs ?? timeouts.bodyIdleMs ?? timeouts.idleMs,
      streamIdleMs: own.streamIdleMs ?? timeouts.streamIdleMs,
    };
    this.stuckTo = settings.sticky?.carried(exchange);
    this.key = settings.keyOf(exchange);
  }

  /** Begins to wait for an upstream. */
  start(): void {
    const { exchange, terms, deps, pool } = this;
    this.stage = "queue";
    const totalMs = this.settings.config.timeouts.totalMs ?? terms.timeouts.totalMs;
    if (totalMs !== undefined)
      this.stopTotal = deps.clock.after(totalMs, () => {
        this.abandon("timeout");
        this.fail(exchange.started ? "timeoutMidBody" : "tooLong");
      });
    pool.retryBudget.request();
    this.wait = pool.admission.acquire(this);
  }

  granted(upstream: Upstream, because: PickReason): void {
    this.queueMs = this.sinceBegin();
    this.send(upstream, because);
  }

  refused(why: "noCandidate" | "queueFull" | "queueTimeout"): void {
    if (why === "queueTimeout") this.queueMs = this.sinceBegin();
    this.fail(why);
  }

  inform(head: ResponseHead): void {
    this.exchange.inform({ ...head, headers: endToEnd(head.headers, isLength) });
  }

  head(head: ResponseHead): boolean {
    const { upstream, terms } = this;
    if (head.status >= 500 && upstream && this.takesRetry(SERVER_ERROR)) {
      const giveUp = () => this.countAttempt("5xx");
      if (this.retry(upstream, SERVER_ERROR, { giveUp, nowhere: "noCandidate" })) return false;
    }
    this.status = head.status;
    const tunnel = head.status === 101;
    const headers = answerHeaders(head.headers, {
      tunnel,
      way: this.deps.signWay && this.signedWay(this.deps.signWay),
      setCookie: upstream && this.settings.sticky?.cookie(upstream.name, this.isOverTls()),
      edit: terms.route?.responseEdit,
    });
    this.exchange.start({ status: head.status, reason: head.reason, headers });
    if (tunnel && !this.done) this.beginTunnel();
    return !this.done;
  }

  ended(trailers: HeaderList): void {
    const { status, exchange } = this;
    this.countAttempt(status >= 500 ? "5xx" : "ok");
    this.done = true;
    exchange.end(endToEnd(trailers));
    this.conclude({ status, flag: "-", state: "--", reason: undefined, origin: "upstream" });
  }

  failed(failure: AttemptFailure): void {
    const { deps, exchange, upstream, pool } = this;
    this.countAttempt(failure.result);
    if (!upstream) return;
    if (!this.resent && mayResend(exchange.head, failure) && pool.isAvailable(upstream)) {
      this.resent = true;
      deps.observer.retry(pool.name, "stale-connection");
      return this.send(upstream, "resent-stale");
    }
    const nowhere = failure.answer === "refused" && this.retries > 0 ? "retriesUsedUp" : failure.answer;
    if (!this.takesRetry(failure) || !this.retry(upstream, failure, { nowhere })) this.fail(nowhere);
  }

  private send(upstream: Upstream, because: PickReason): void {
    const { exchange, terms, deps, pool } = this;
    this.sentAt = deps.clock.now();
    this.status = 0;
    this.headers ??= terms.forwarding.requestHeaders(exchange, this.requestId, terms.route?.requestEdit);
    const attempt = new Attempt(exchange, upstream.target, this.headers, this.limits, deps, this);
    this.current = attempt;
    this.upstream = upstream;
    this.pickedBecause = because;
    this.stage = "attempt";
    pool.began(upstream);
    attempt.send();
  }

  /** True when there may be another attempt after this failure, which is then taken from the budget. */
  private takesRetry(failure: RetryFacts): boolean {
    const { pool, deps, exchange } = this;
    const { retry } = this.settings.config;
    if (this.retries >= retry.attempts || !mayRetry(retry, exchange.head, failure)) return false;
    if (pool.retryBudget.takeRetry(retry.budgetPercent)) return true;
    deps.observer.retryDenied(pool.name);
    return false;
  }

  /**
   * Retries at once, or after the back-off, for which the place in flight is kept. False: there is no upstream to go to, and
   * the failure stays. After a back-off, or when this failure had the last candidate ejected, it is too late for that, and
   * the client gets `nowhere`. `giveUp` is called when it is certain that the last attempt's answer is not wanted.
   */
  private retry(
    from: Upstream,
    { condition }: RetryFacts,
    { giveUp, nowhere }: { readonly giveUp?: () => void; readonly nowhere: FailureName | CutName },
  ): boolean {
    const { deps, pool } = this;
    const { backoffMs } = this.settings.config.retry;
    const avoid = (this.attempted ??= new Set()).add(from);
    const go = (): boolean => {
      let next = pool.admission.retry(this, from, avoid);
      if (!next) return false;
      if (giveUp && backoffMs === 0) {
        giveUp();
        // Now that the failure counts, that one may be ejected for it.
        if (!pool.isAvailable(next)) next = pool.admission.retry(this, next, avoid);
      }
      if (next) {
        this.retries += 1;
        deps.observer.retry(pool.name, condition ?? "-");
        this.send(next, next === from ? "retry-same" : "retry-other");
      } else this.fail(nowhere);
      return true;
    };
    if (backoffMs === 0) return go();
    giveUp?.();
    const waitMs = deps.random.next() * Math.min(backoffMs * (1 << this.retries), 10 * backoffMs);
    this.stage = "back-off";
    this.cancelBackoff = deps.clock.after(waitMs, () => {
      if (!go()) this.fail(nowhere);
    });
    return true;
  }

  /** Signs the upstream and the listener of the answer, for requests with a nonce. */
  private signedWay(sign: Sign): string | undefined {
    const { exchange, upstream, terms } = this;
    const nonce = exchange.header(NONCE_FIELD);
    if (nonce === undefined || !upstream || !terms.route) return undefined;
    return wayProof(sign, nonce, upstream.address, terms.route.bind);
  }

  /** From here on another protocol runs, for as long as its ends like. */
  private beginTunnel(): void {
    this.stopTotal?.();
    if (!this.upstream) return;
    this.tunnel = true;
    this.pool.admission.tunnel(this.upstream);
  }

  /** By the field that its upstream got, from the balancer or from a trusted proxy that ends TLS. */
  private isOverTls(): boolean {
    const { headers } = this;
    return headers !== undefined && headerValue(headers, "x-forwarded-proto")?.toLowerCase() === "https";
  }
}

/** An interim answer has no body, and so no length either (RFC 9110, 8.6). */
const isLength = (name: string): boolean => name === "content-length";
