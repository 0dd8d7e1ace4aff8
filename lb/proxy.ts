import type { Cancel, Clock } from "../runtime/clock.ts";
import type { Random } from "../runtime/random.ts";
import type { Applicant, Wait } from "./admission.ts";
import type { Observer, RequestRecord } from "./balancer.ts";
import type { BalancerConfig } from "./config/schema.ts";
import type { Exchange } from "./exchange.ts";
import type { Forwarding } from "./forwarding.ts";
import { answerHeaders, endToEnd } from "./headers.ts";
import { FAILURES, type FailureName, type TryResult, type Verdict } from "./outcome.ts";
import { answerOwn } from "./own-answer.ts";
import type { Pool } from "./pool.ts";
import { mayResend, mayRetry, type RetryFacts } from "./retry-rule.ts";
import type { Route } from "./route.ts";
import type { Transport } from "./transport/transport.ts";
import { createTry, type Try } from "./try.ts";
import type { Upstream } from "./upstream.ts";

/** What a request runs under; it holds for the request's life, whatever is configured meanwhile. */
export interface Terms {
  readonly listener: string;
  /** The route and its pool; undefined when none matched. */
  readonly route: Route | undefined;
  readonly pool: Pool | undefined;
  readonly forwarding: Forwarding;
  readonly timeouts: BalancerConfig["timeouts"];
}

export interface ProxyDeps<X extends Exchange> {
  readonly clock: Clock;
  /** For the back-off of retries. */
  readonly random: Random;
  readonly transport: Transport<X>;
  readonly observer: Observer;
}

/** A head of 5xx as a reason to try again: the answer is there, and given up for a better one. */
const SERVER_ERROR = { condition: "5xx", requestSent: true, bodyConsumed: false } as const;

/**
 * Carries one exchange from its head to its one outcome: finds an upstream, sends, retries, relays, or answers in the
 * balancer's own name. Whichever way it ends, `ended` is called once, and then the place in flight is given back.
 */
export function forward<X extends Exchange>(
  exchange: X,
  { listener, route, pool, forwarding, timeouts }: Terms,
  deps: ProxyDeps<X>,
  ended: (record: RequestRecord) => void,
): void {
  const { clock, observer, random } = deps;
  const at = clock.wall();
  const began = clock.now();
  const requestId = forwarding.requestId(exchange);
  const tries: { upstream: string; result: TryResult }[] = [];
  let queueMs: number | undefined;
  let done = false;
  let current: Try | undefined;
  /** Ends whatever the exchange is at: a wait in the queue or for a retry, a try that then counts as this. */
  let abandon: ((result: "client-left" | "timeout") => void) | undefined;
  let stopTotal: Cancel | undefined;
  /** Gives back the place in flight, once there is one. */
  let release: (() => void) | undefined;

  exchange.onClientGone((why) => {
    if (done) return;
    abandon?.("client-left");
    if (why === "malformed") return fail("badRequest");
    conclude({ ...FAILURES[exchange.started ? "clientLeftMidBody" : "clientLeft"], origin: "balancer" });
  });
  if (!done && pool) proxy(pool);
  else if (!done) fail("noRoute");

  function conclude(verdict: Verdict) {
    done = true;
    stopTotal?.();
    const { method, target, host, peer, peerPort } = exchange.head;
    const { status, flag, state, origin } = verdict;
    ended({
      status,
      flag,
      state,
      origin,
      at,
      listener,
      route: route?.label ?? "-",
      pool: pool?.name ?? "-",
      tries,
      method,
      target,
      host,
      peer,
      peerPort,
      queueMs,
      connectMs: current?.connectMs,
      responseMs: current?.responseMs,
      totalMs: clock.now() - began,
      bytesOut: exchange.bytesOut,
      requestId,
    });
    release?.();
  }

  function fail(failure: FailureName) {
    done = true;
    if (exchange.started) exchange.cut();
    else answerOwn(exchange, failure, requestId);
    conclude({ ...FAILURES[failure], origin: "balancer" });
  }

  function proxy(pool: Pool) {
    const { admission, settings } = pool;
    const { retry, timeouts: own } = settings.config;
    const limits = {
      connectMs: own.connectMs ?? timeouts.connectMs,
      responseMs: own.responseMs ?? timeouts.responseMs,
      bodyIdleMs: own.bodyIdleMs ?? timeouts.bodyIdleMs ?? timeouts.idleMs,
    };
    const totalMs = own.totalMs ?? timeouts.totalMs;
    const carried = settings.sticky?.carried(exchange);
    let headers: string[] | undefined;
    let wait: Wait | undefined;
    let tried: Set<Upstream> | undefined;
    let retries = 0;
    let resent = false;

    const applicant: Applicant = {
      key: settings.keyOf(exchange),
      stuckTo: carried,
      granted(upstream) {
        queueMs = clock.now() - began;
        send(upstream);
      },
      refused(why) {
        if (why === "queueTimeout") queueMs = clock.now() - began;
        fail(why);
      },
    };
    abandon = () => {
      queueMs = clock.now() - began;
      if (wait) admission.leave(wait);
    };
    if (totalMs !== undefined)
      stopTotal = clock.after(totalMs, () => {
        abandon?.("timeout");
        fail(exchange.started ? "timeoutMidBody" : "tooLong");
      });
    pool.retryBudget.request();
    wait = admission.acquire(applicant);

    function send(upstream: Upstream) {
      const sentAt = clock.now();
      let status = 0;
      const count = (result: TryResult) => {
        tries.push({ upstream: upstream.name, result });
        const { connectMs, responseMs } = attempt;
        const headMs = responseMs === undefined ? undefined : (connectMs ?? 0) + responseMs;
        const abandoned = headMs === undefined && result === "client-left";
        pool.ended(upstream, result, headMs ?? clock.now() - sentAt, abandoned);
      };
      headers ??= forwarding.requestHeaders(exchange, requestId, route?.requestEdit);
      const attempt = createTry(exchange, upstream.target, headers, limits, deps, {
        inform: (head) => exchange.inform({ ...head, headers: endToEnd(head.headers, isLength) }),
        head(head) {
          if (head.status >= 500 && retriesAfter(SERVER_ERROR)) {
            const giveUp = () => count("5xx");
            if (again(upstream, SERVER_ERROR, { giveUp, nowhere: "noCandidate" })) return false;
          }
          status = head.status;
          // Whoever speaks another protocol from here on does so for as long as they like.
          if (status === 101) stopTotal?.();
          const headers = answerHeaders(head.headers, {
            tunnel: status === 101,
            setCookie: settings.sticky?.renewal(carried, upstream.name),
            edit: route?.responseEdit,
          });
          exchange.start({ ...head, headers });
          return !done;
        },
        ended(trailers) {
          count(status >= 500 ? "5xx" : "ok");
          done = true;
          exchange.end(endToEnd(trailers));
          conclude({ status, flag: "-", state: "--", origin: "upstream" });
        },
        failed(failure) {
          count(failure.result);
          if (!resent && mayResend(exchange.head, failure) && pool.usable(upstream)) {
            resent = true;
            observer.retry(pool.name, "stale-connection");
            send(upstream);
            return;
          }
          const nowhere = failure.answer === "refused" && retries > 0 ? "retriesUsedUp" : failure.answer;
          if (!retriesAfter(failure) || !again(upstream, failure, { nowhere })) fail(nowhere);
        },
      });
      current = attempt;
      release = () => admission.release(upstream);
      abandon = (result) => {
        attempt.abort();
        count(result);
      };
      pool.began(upstream);
      attempt.send();
    }

    /** Whether there may be another try after this failure. If so, it is taken from the budget. */
    function retriesAfter(failure: RetryFacts): boolean {
      if (retries >= retry.attempts || !mayRetry(retry, exchange.head, failure)) return false;
      if (pool.retryBudget.tryRetry(retry.budgetPercent)) return true;
      observer.retryDenied(pool.name);
      return false;
    }

    /**
     * Tries again, at once or after the back-off, for which the place in flight is kept. False: there is nowhere to go,
     * and the failure stands. After a back-off, or when this failure had the last candidate ejected, it is too late for
     * that, and the client is told `nowhere`. `giveUp` is called when it is certain that what came of the last try is not
     * wanted.
     */
    function again(
      from: Upstream,
      { condition }: RetryFacts,
      { giveUp, nowhere }: { readonly giveUp?: () => void; readonly nowhere: FailureName },
    ): boolean {
      const avoid = (tried ??= new Set()).add(from);
      const go = (): boolean => {
        let next = admission.retry(applicant, from, avoid);
        if (!next) return false;
        if (giveUp && retry.backoffMs === 0) {
          giveUp();
          // Now that the failure counts, that one may be ejected for it.
          if (!pool.usable(next)) next = admission.retry(applicant, next, avoid);
        }
        if (next) {
          retries += 1;
          observer.retry(pool.name, condition ?? "-");
          send(next);
        } else fail(nowhere);
        return true;
      };
      if (retry.backoffMs === 0) return go();
      giveUp?.();
      const waitMs = random.next() * Math.min(retry.backoffMs * (1 << retries), 10 * retry.backoffMs);
      abandon = clock.after(waitMs, () => {
        if (!go()) fail(nowhere);
      });
      return true;
    }
  }
}

/** An interim answer has no body, and must not say so either (RFC 9110, 8.6). */
const isLength = (name: string): boolean => name === "content-length";
