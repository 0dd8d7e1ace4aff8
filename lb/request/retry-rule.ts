import type { PoolConfig } from "../config/schema.ts";
import type { RequestHead } from "../exchange.ts";
import type { AttemptFailure } from "./attempt.ts";

/** What of a failure decides whether the request may be retried. */
export type RetryFacts = Pick<AttemptFailure, "condition" | "requestSent" | "bodyConsumed">;

/** Methods that may be repeated although the first may have been carried out (RFC 9110, 9.2.2), of those we retry. */
const REPEATABLE = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]);

/**
 * May this request be sent again after this failure, by the pool's settings and by HTTP? Where nothing was sent, any
 * request may; else only one of a repeatable method without a body. The budget and the number of attempts are checked by the caller.
 */
export function mayRetry(
  { on }: Pick<PoolConfig["retry"], "on">,
  head: RequestHead,
  { condition, requestSent, bodyConsumed }: RetryFacts,
): boolean {
  if (condition === undefined || !on.includes(condition) || bodyConsumed) return false;
  return !requestSent || isRepeatable(head);
}

/**
 * A kept connection that the upstream closed while our request was on its way: nothing is wrong with either, so it is
 * sent again whatever the pool's settings (RFC 9112, 9.3.1).
 */
export function mayResend(head: RequestHead, { staleConnection, bodyConsumed }: AttemptFailure): boolean {
  return staleConnection && !bodyConsumed && head.upgrade === undefined && REPEATABLE.has(head.method);
}

function isRepeatable({ method, hasBody, upgrade }: RequestHead): boolean {
  return REPEATABLE.has(method) && !hasBody && upgrade === undefined;
}
