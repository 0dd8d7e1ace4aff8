import type { Exchange, HeaderList } from "../exchange.ts";
import { FAILURES, type FailureName } from "../outcome.ts";
import { sentenceOf } from "../reasons.ts";

/** Of the statuses that the balancer gives by itself (RFC 9110, 15, and RFC 6585, 5). */
const STATUS_TEXTS: Readonly<Record<number, string>> = {
  400: "Bad Request",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  417: "Expectation Failed",
  431: "Request Header Fields Too Large",
  499: "Client Closed Request",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
  505: "HTTP Version Not Supported",
};

export const statusText = (status: number): string => STATUS_TEXTS[status] ?? "Error";

/** The fields that mark an answer as the balancer's own, with the flag that gives the reason. */
export const ownFields = (flag: string, requestId: string): HeaderList => [
  "content-type",
  "text/plain; charset=utf-8",
  "server",
  "lblab",
  "x-balancer-flag",
  flag,
  "x-request-id",
  requestId,
];

/** The body of such an answer: one line for people. */
export const ownLine = (status: number, flag: string, sentence: string): string =>
  `${status} ${statusText(status)} (${flag}): ${sentence}\n`;

/** Answers in the balancer's own name, marked as such. */
export function answerOwn(exchange: Exchange, failure: FailureName, requestId: string): void {
  const { status, flag, reason } = FAILURES[failure];
  exchange.answer(status, ownFields(flag, requestId), ownLine(status, flag, sentenceOf(reason)));
}

/** RFC 9110, 9.3.7: `OPTIONS *` asks the server itself, as a ping. */
export function answerPing(exchange: Exchange, requestId: string): void {
  exchange.answer(200, ["allow", SERVED_METHODS, "server", "lblab", "x-request-id", requestId], "");
}

/** What an answer for the server itself, or for a method that is not served, allows; others are relayed, too. */
export const SERVED_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
