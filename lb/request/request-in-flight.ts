import type { Sign } from "../../runtime/answer-proof.ts";
import type { Cancel, Clock } from "../../runtime/clock.ts";
import type { Random } from "../../runtime/random.ts";
import type { Applicant, Wait } from "../pool/admission.ts";
import type { Observer, RequestRecord } from "../balancer.ts";
import type { BalancerConfig } from "../config/schema.ts";
import type { Exchange } from "../exchange.ts";
import type { Forwarding } from "./headers/forwarded.ts";
import {
  CUTS,
  FAILURES,
  type CutName,
  type FailureName,
  type AttemptResult,
  type Verdict,
} from "../outcome.ts";
import { answerOwn } from "./own-answer.ts";
import type { Pool } from "../pool/pool.ts";
import type { PoolSettings } from "../pool/pool-settings.ts";
import type { Route } from "./route.ts";
import type { Transport } from "../transport/transport.ts";
import type { Attempt, AttemptHandlers, AttemptLimits } from "./attempt.ts";
import type { Upstream } from "../pool/upstream.ts";

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
  /** Signs the way of answers to requests that carry a nonce; absent: nobody asked for that. */
  readonly signWay?: Sign | undefined;
}

/** One exchange on its way: what wants an upstream, and what hears of each try. */
export interface RequestInFlight<X extends Exchange> extends Applicant, AttemptHandlers {
  readonly exchange: X;
  readonly terms: Terms;
  /** As they were when it came in. */
  readonly settings: PoolSettings | undefined;
  readonly deps: ProxyDeps<X>;
  readonly conclude: (record: RequestRecord) => void;
  readonly at: number;
  readonly began: number;
  readonly requestId: string;
  readonly attempts: { upstream: string; result: AttemptResult }[];
  queueMs: number | undefined;
  done: boolean;
  /** What it is at, to be ended when the client leaves or the time is over. */
  stage: "nothing" | "queue" | "try" | "pause";
  wait: Wait | undefined;
  endPause: Cancel | undefined;
  stopTotal: Cancel | undefined;
  limits: AttemptLimits;
  headers: string[] | undefined;
  /** The latest try; its upstream, at which this has a place in flight; when it was sent; and its answer's status. */
  current: Attempt | undefined;
  upstream: Upstream | undefined;
  sentAt: number;
  status: number;
  /** It has left HTTP. */
  tunnel: boolean;
  tried: Set<Upstream> | undefined;
  retries: number;
  resent: boolean;
  key: string | undefined;
  stuckTo: string | undefined;
}

export type AnyRequestInFlight = RequestInFlight<Exchange>;

/** One that has a pool to go to. */
export interface RoutedRequest extends AnyRequestInFlight {
  readonly terms: Terms & { readonly pool: Pool };
  readonly settings: PoolSettings;
}

/** Is there a pool for it? */
export const isRouted = (self: AnyRequestInFlight): self is RoutedRequest => self.terms.pool !== undefined;

/** Its one outcome: told once, and then its place in flight is given back. */
export function conclude(self: AnyRequestInFlight, { status, flag, state, reason, origin }: Verdict): void {
  self.done = true;
  self.stopTotal?.();
  const { exchange, terms, current, upstream } = self;
  const { method, target, protocol, host, peer, peerPort } = exchange.head;
  self.conclude({
    status,
    flag,
    state,
    reason,
    origin,
    at: self.at,
    listener: terms.listener,
    route: terms.route?.label ?? "-",
    pool: terms.pool?.name ?? "-",
    attempts: self.attempts,
    method,
    target,
    protocol,
    host,
    peer,
    peerPort,
    queueMs: self.queueMs,
    connectMs: current?.connectMs,
    responseMs: current?.responseMs,
    totalMs: self.deps.clock.now() - self.began,
    bytesOut: exchange.bytesOut,
    requestId: self.requestId,
  });
  const admission = terms.pool?.admission;
  if (!upstream || !admission) return;
  if (self.tunnel) admission.tunnelEnded(upstream);
  else admission.release(upstream);
}

/** Answers in the balancer's own name, or cuts what has begun. */
export function fail(self: AnyRequestInFlight, failure: FailureName | CutName): void {
  self.done = true;
  if (isCut(failure)) {
    self.exchange.cut();
    return concludeCut(self, failure);
  }
  answerOwn(self.exchange, failure, self.requestId);
  conclude(self, { ...FAILURES[failure], origin: "balancer" });
}

/** The end of an answer that has begun, and that its client does not get whole. */
export function concludeCut(self: AnyRequestInFlight, cut: CutName): void {
  conclude(self, { ...CUTS[cut], status: self.status, origin: "upstream" });
}

const isCut = (failure: FailureName | CutName): failure is CutName => Object.hasOwn(CUTS, failure);

/** Ends whatever it is at: a wait in the queue or for a retry, a try that then counts as this. */
export function abandon(self: AnyRequestInFlight, result: "client-left" | "timeout"): void {
  if (self.stage === "queue") {
    self.queueMs = sinceBegin(self);
    if (self.wait) self.terms.pool?.admission.leave(self.wait);
  } else if (self.stage === "try") {
    self.current?.abort();
    countAttempt(self, result);
  } else self.endPause?.();
}

/** Milliseconds since it came in. */
export const sinceBegin = ({ deps, began }: AnyRequestInFlight): number => deps.clock.now() - began;

/** Counts what came of the latest try. */
export function countAttempt(
  { current, upstream, attempts, terms, deps, sentAt }: AnyRequestInFlight,
  result: AttemptResult,
): void {
  if (!current || !upstream) return;
  attempts.push({ upstream: upstream.name, result });
  const { connectMs, responseMs } = current;
  const headMs = responseMs === undefined ? undefined : (connectMs ?? 0) + responseMs;
  const abandoned = headMs === undefined && result === "client-left";
  terms.pool?.ended(upstream, result, headMs ?? deps.clock.now() - sentAt, abandoned);
}
