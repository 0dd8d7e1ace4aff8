import type { Exchange } from "./exchange.ts";
import { FAILURES, type FailureName } from "./outcome.ts";

/** What is told to people about each failure. No upstream is named: who asks need not know them. */
const MEANINGS: Record<FailureName, string> = {
  noCandidate: "No upstream can take this request now.",
  refused: "The upstream could not be connected to.",
  exhausted: "The balancer has no connection left for an upstream.",
  retriesUsedUp: "No upstream could be connected to, and no more tries are left.",
  connectTimeout: "The upstream did not accept the connection in time.",
  resetBeforeHead: "The upstream closed the connection before it answered.",
  noResponse: "The upstream did not answer in time.",
  tooLong: "The request took too long in all.",
  timeoutMidBody: "The upstream did not go on with its answer in time.",
  invalidResponse: "The upstream's answer was not valid HTTP.",
  queueFull: "Too many requests are waiting already.",
  queueTimeout: "The request waited too long for its turn.",
  noRoute: "No route matches this host and path.",
  slowHead: "The request took too long to arrive.",
  slowBody: "The request's body stopped arriving, or came too slowly.",
  slowBodyMidAnswer: "The request's body came too slowly.",
  badRequest: "The request was not valid HTTP.",
  clientLeft: "The client left.",
  clientLeftMidBody: "The client left.",
  cutMidBody: "The upstream broke off its answer.",
};

const REASONS: Record<number, string> = {
  400: "Bad Request",
  404: "Not Found",
  408: "Request Timeout",
  499: "Client Closed Request",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

/** Answers in the balancer's own name, and says so: in a header by its flag, and in a line for people. */
export function answerOwn(exchange: Exchange, failure: FailureName, requestId: string): void {
  const { status, flag } = FAILURES[failure];
  exchange.answer(
    status,
    [
      "content-type",
      "text/plain; charset=utf-8",
      "server",
      "lblab",
      "x-balancer-flag",
      flag,
      "x-request-id",
      requestId,
    ],
    `${status} ${REASONS[status] ?? "Error"} (${flag}): ${MEANINGS[failure]}\n`,
  );
}
