import type { Sign } from "../../runtime/answer-proof.ts";
import type { Cancel, Clock } from "../../runtime/clock.ts";
import type { Random } from "../../runtime/random.ts";
import type { AttemptRecord, Observer, RequestRecord } from "../balancer.ts";
import type { BalancerConfig } from "../config/schema.ts";
import type { Exchange } from "../exchange.ts";
import {
  CUTS,
  FAILURES,
  type AttemptResult,
  type CutName,
  type FailureName,
  type Verdict,
} from "../outcome.ts";
import type { PickReason } from "../pick-reasons.ts";
import type { Wait } from "../pool/admission.ts";
import type { Pool } from "../pool/pool.ts";
import type { Upstream } from "../pool/upstream.ts";
import type { Transport } from "../transport/transport.ts";
import type { Attempt } from "./attempt.ts";
import type { Forwarding } from "./headers/forwarded.ts";
import { answerOwn } from "./own-answer.ts";
import type { Route } from "./route.ts";

/** The settings of a request; they hold for the request's life, whatever is configured meanwhile. */
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
  /** Signs the way of answers to requests that carry a nonce; absent: none is signed. */
  readonly signWay?: Sign | undefined;
}

/** One exchange until its one outcome: what is known of it, and the ways in which it ends. */
export class RequestInFlight<X extends Exchange> {
  readonly exchange: X;
  readonly terms: Terms;
  readonly deps: ProxyDeps<X>;
  readonly requestId: string;
  /** True once its outcome is certain. */
  done = false;
  /** What is to be ended when the client leaves or the time is over. */
  protected stage: "none" | "queue" | "attempt" | "back-off" = "none";
  protected wait: Wait | undefined = undefined;
  protected cancelBackoff: Cancel | undefined = undefined;
  protected stopTotal: Cancel | undefined = undefined;
  protected queueMs: number | undefined = undefined;
  /** The latest attempt; its upstream, at which this has a place in flight; why that one; when it was sent; and its answer's status. */
  protected current: Attempt<X> | undefined = undefined;
  protected upstream: Upstream | undefined = undefined;
  protected pickedBecause: PickReason = "policy";
  protected sentAt = 0;
  protected status = 0;
  /** True once it has left HTTP. */
  protected tunnel = false;
  private readonly attempts: AttemptRecord[] = [];
  private readonly finished: (record: RequestRecord) => void;
  private readonly at: number;
  private readonly began: number;

  constructor(exchange: X, terms: Terms, deps: ProxyDeps<X>, finished: (record: RequestRecord) => void) {
    this.exchange = exchange;
    this.terms = terms;
    this.deps = deps;
    this.finished = finished;
    this.at = deps.clock.wall();
    this.began = deps.clock.now();
    this.requestId = terms.forwarding.requestId(exchange);
  }

  /** Its one outcome: reported once, and then its place in flight is given back. */
  conclude({ status, flag, state, reason, origin }: Verdict): void {
    this.done = true;
    this.stopTotal?.();
    const { exchange, terms, current, upstream } = this;
    const { method, target, protocol, host, peer, peerPort } = exchange.head;
    this.finished({
      status,
      flag,
      state,
      reason,
      origin,
      at: this.at,
      listener: terms.listener,
      route: terms.route?.label ?? "-",
      pool: terms.pool?.name ?? "-",
      attempts: this.attempts,
      method,
      target,
      protocol,
      host,
      peer,
      peerPort,
      queueMs: this.queueMs,
      connectMs: current?.connectMs,
      responseMs: current?.responseMs,
      totalMs: this.deps.clock.now() - this.began,
      bytesOut: exchange.bytesOut,
      requestId: this.requestId,
    });
    const admission = terms.pool?.admission;
    if (!upstream || !admission) return;
    if (this.tunnel) admission.tunnelEnded(upstream);
    else admission.release(upstream);
  }

  /** Answers in the balancer's own name, or cuts the answer that has begun. */
  fail(failure: FailureName | CutName): void {
    this.done = true;
    if (isCut(failure)) {
      this.exchange.cut();
      return this.concludeCut(failure);
    }
    answerOwn(this.exchange, failure, this.requestId);
    this.conclude({ ...FAILURES[failure], origin: "balancer" });
  }

  /** The end of an answer that has begun, and that its client does not get whole. */
  concludeCut(cut: CutName): void {
    this.conclude({ ...CUTS[cut], status: this.status, origin: "upstream" });
  }

  /** Ends its wait in the queue or for a retry, or its attempt, which then counts with this result. */
  abandon(result: "client-left" | "timeout"): void {
    if (this.stage === "queue") {
      this.queueMs = this.sinceBegin();
      if (this.wait) this.terms.pool?.admission.leave(this.wait);
    } else if (this.stage === "attempt") {
      this.current?.abort();
      this.countAttempt(result);
    } else this.cancelBackoff?.();
  }

  /** Milliseconds since it came in. */
  protected sinceBegin(): number {
    return this.deps.clock.now() - this.began;
  }

  /** Counts the result of the latest attempt. */
  protected countAttempt(result: AttemptResult): void {
    const { current, upstream, pickedBecause, terms, deps, sentAt } = this;
    if (!current || !upstream) return;
    this.attempts.push({ upstream: upstream.name, result, pickedBecause });
    const { connectMs, responseMs } = current;
    const headMs = responseMs === undefined ? undefined : (connectMs ?? 0) + responseMs;
    const abandoned = headMs === undefined && result === "client-left";
    terms.pool?.ended(upstream, result, headMs ?? deps.clock.now() - sentAt, abandoned);
  }
}

const isCut = (failure: FailureName | CutName): failure is CutName => Object.hasOwn(CUTS, failure);
