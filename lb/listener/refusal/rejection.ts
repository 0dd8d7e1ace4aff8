import type { IncomingMessage } from "node:http";
import type { RequestRecord } from "../../balancer.ts";
import type { HeaderList } from "../../exchange.ts";
import { rawHead } from "../exchange/live-exchange.ts";
import { ownFields, ownLine, SERVED_METHODS, statusText } from "../../request/own-answer.ts";
import { sentenceOf, statusOf, type RefusalReason } from "../../reasons.ts";

/** Of a request that was refused, what could be read. */
export type RefusedRequest = Pick<IncomingMessage, "method" | "url" | "httpVersion"> & {
  readonly headers?: { readonly host?: string | undefined };
};

/** A refusal at one moment, under one id. */
export interface Rejection {
  readonly reason: RefusalReason;
  readonly requestId: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/**
 * A whole answer of the balancer's own, for a connection on which node has no response to offer, to this request. What
 * could not be read may have been a HEAD, whose client would take a body for the next answer.
 */
export function rejectionText(
  { reason, requestId, at }: Rejection,
  request: RefusedRequest | undefined,
): string {
  const status = statusOf(reason);
  const body = bodyOf(reason, request);
  const length = request === undefined ? 0 : bodyOf(reason, { ...request, method: "GET" }).length;
  const fields: HeaderList = [
    ...ownFields(FLAG, requestId),
    "date",
    new Date(at).toUTCString(),
    // RFC 9110, 15.5.6.
    ...(status === 405 ? ["allow", SERVED_METHODS] : []),
    "content-length",
    String(length),
    "connection",
    "close",
  ];
  return rawHead(status, statusText(status), fields) + body;
}

/**
 * What the access log and the metrics know of a request that was refused before the core saw it; `totalMs` is the
 * time it had, as far as it is known.
 */
export function recordOf(
  { reason, requestId, at }: Rejection,
  origin: Pick<RequestRecord, "listener" | "peer" | "peerPort" | "totalMs">,
  request: RefusedRequest | undefined,
): RequestRecord {
  return {
    ...origin,
    at,
    requestId,
    reason,
    status: statusOf(reason),
    flag: FLAG,
    state: reason === "head-slow" ? "cR" : "PR",
    origin: "balancer",
    route: "-",
    pool: "-",
    attempts: [],
    method: request?.method ?? "-",
    target: request?.url ?? "-",
    protocol: request && `HTTP/${request.httpVersion}`,
    host: request?.headers?.host ?? "-",
    queueMs: undefined,
    connectMs: undefined,
    responseMs: undefined,
    bytesOut: bodyOf(reason, request).length,
  };
}

const FLAG = "DR";

function bodyOf(reason: RefusalReason, request: RefusedRequest | undefined): string {
  // Plain HTTP on a TLS port comes from a person at a browser, who reads the body.
  const read = request ?? (reason === "plain-on-tls" ? { method: "GET" } : { method: "HEAD" });
  if (read.method === "HEAD") return "";
  return ownLine(statusOf(reason), FLAG, sentenceOf(reason));
}
