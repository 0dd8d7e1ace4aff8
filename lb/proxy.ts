import type { Clock } from "../runtime/clock.ts";
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
import type { Transport } from "./transport/transport.ts";
import { createTry, type Try } from "./try.ts";
import type { Upstream } from "./upstream.ts";

/** What a request runs under; it holds for the request's life, whatever is configured meanwhile. */
export interface Terms {
  readonly listener: string;
  /** The route's label, and its pool; `-` and undefined when none matched. */
  readonly route: string;
  readonly pool: Pool | undefined;
  readonly forwarding: Forwarding;
  readonly timeouts: BalancerConfig["timeouts"];
}

export interface ProxyDeps<X extends Exchange> {
  readonly clock: Clock;
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
  const { clock, observer } = deps;
  const at = clock.wall();
  const began = clock.now();
  const requestId = forwarding.requestId(exchange);
  const tries: { upstream: string; result: TryResult }[] = [];
  let queueMs: number | undefined;
  let done = false;
  let current: Try | undefined;
  /** Frees whatever the exchange holds on its way: a place in the queue, a try. */
  let abandon: (() => void) | undefined;
  /** Gives back the place in flight, once there is one. */
  let release: (() => void) | undefined;

  exchange.onClientGone(() => {
    if (done) return;
    abandon?.();
    conclude({ ...FAILURES[exchange.started ? "clientLeftMidBody" : "clientLeft"], origin: "balancer" });
  });
  if (!done && pool) proxy(pool);
  else if (!done) fail("noRoute");

  function conclude(verdict: Verdict) {
    done = true;
    const { method, target, host, peer } = exchange.head;
    const { status, flag, state, origin } = verdict;
    ended({
      status,
      flag,
      state,
      origin,
      at,
      listener,
      route,
      pool: pool?.name ?? "-",
      tries,
      method,
      target,
      host,
      peer,
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
      idleMs: timeouts.idleMs,
    };
    const carried = settings.sticky?.carried(exchange);
    let headers: string[] | undefined;
    let wait: Wait | undefined;
    const tried = new Set<Upstream>();
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
      headers ??= forwarding.requestHeaders(exchange, requestId);
      const attempt = createTry(exchange, upstream.target, headers, limits, deps, {
        inform: (head) => exchange.inform({ ...head, headers: endToEnd(head.headers) }),
        head(head) {
          const next = head.status >= 500 ? another(upstream, SERVER_ERROR) : undefined;
          if (next) {
            count("5xx");
            send(next);
            return false;
          }
          status = head.status;
          const cookie = settings.sticky?.renewal(carried, upstream.name);
          exchange.start({ ...head, headers: answerHeaders(head.headers, status === 101, cookie) });
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
          const next = another(upstream, failure);
          if (next) send(next);
          else fail(failure.answer === "refused" && retries > 0 ? "retriesUsedUp" : failure.answer);
        },
      });
      current = attempt;
      release = () => admission.release(upstream);
      abandon = () => {
        attempt.abort();
        count("client-left");
      };
      pool.began(upstream);
      attempt.send();
    }

    /** Where to try again after a failure at `from`, with the place in flight moved there; undefined: it stays at that. */
    function another(from: Upstream, failure: RetryFacts): Upstream | undefined {
      if (retries >= retry.attempts || !mayRetry(retry, exchange.head, failure)) return undefined;
      if (!pool.retryBudget.tryRetry(retry.budgetPercent)) {
        observer.retryDenied(pool.name);
        return undefined;
      }
      tried.add(from);
      const next = admission.retry(applicant, from, tried);
      if (!next) return undefined;
      retries += 1;
      observer.retry(pool.name, failure.condition ?? "-");
      return next;
    }
  }
}
