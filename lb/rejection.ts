import { STATUS_CODES, type IncomingMessage } from "node:http";
import type { RequestRecord } from "./balancer.ts";
import { FAILURES } from "./outcome.ts";

/**
 * The answer to what node's parser or its timer found wrong with a client's bytes, by the error's system code;
 * undefined when the connection itself broke and nobody is there to be answered.
 */
export function refusalOfParserError(
  code: string | undefined,
  message: string,
): { readonly status: number; readonly detail: string } | undefined {
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return { status: 408, detail: "the head came too slowly" };
  if (code === "HPE_HEADER_OVERFLOW") return { status: 431, detail: "the head is too large" };
  if (code === "HPE_INVALID_EOF_STATE") return undefined;
  if (code?.startsWith("HPE_")) return { status: 400, detail: message };
  return undefined;
}

/**
 * A whole answer of the balancer's own, for a connection on which node has no response to offer, to a request of this
 * method. What could not be read may have been a HEAD, whose client would take a body for the next answer.
 */
export function refusalText(status: number, method: string | undefined): string {
  const reason = STATUS_CODES[status] ?? "";
  const body = method === undefined ? "" : refusalBody(status);
  return [
    `HTTP/1.1 ${status} ${reason}`,
    "Content-Type: text/plain; charset=utf-8",
    `Content-Length: ${body.length}`,
    "Connection: close",
    `X-Balancer-Flag: ${verdictOf(status).flag}`,
    "",
    method === "HEAD" ? "" : body,
  ].join("\r\n");
}

/**
 * What the access log and the metrics know of a request that was refused before the core saw it; `totalMs` is the
 * time it had, as far as it is known.
 */
export function rejectionOf(
  {
    status,
    totalMs,
    ...origin
  }: Pick<RequestRecord, "listener" | "status" | "at" | "peer" | "peerPort" | "totalMs">,
  request: IncomingMessage | undefined,
): RequestRecord {
  return {
    ...origin,
    ...verdictOf(status),
    status,
    origin: "balancer",
    route: "-",
    pool: "-",
    tries: [],
    method: request?.method ?? "-",
    target: request?.url ?? "-",
    host: request?.headers.host ?? "-",
    queueMs: undefined,
    connectMs: undefined,
    responseMs: undefined,
    totalMs,
    bytesOut: request && request.method !== "HEAD" ? refusalBody(status).length : 0,
    requestId: "-",
  };
}

function refusalBody(status: number): string {
  return `${status} ${STATUS_CODES[status]}\n`;
}

function verdictOf(status: number): { readonly flag: RequestRecord["flag"]; readonly state: string } {
  const { flag, state } = status === FAILURES.slowHead.status ? FAILURES.slowHead : FAILURES.badRequest;
  return { flag, state };
}
