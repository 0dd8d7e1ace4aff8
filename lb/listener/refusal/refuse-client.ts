import type { Socket } from "node:net";
import type { Clock } from "../../../runtime/clock.ts";
import type { Log } from "../../../runtime/log.ts";
import type { RequestRecord } from "../../balancer.ts";
import type { ClientConnection } from "../client-connection.ts";
import { recordOf, rejectionText, type RefusedRequest } from "./rejection.ts";
import { peerOf, type Refusal } from "../exchange/request-head.ts";

interface RefuseDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds that a client has for a head. */
  headMs(): number;
  newRequestId(): string;
  onRejected(record: RequestRecord): void;
}

/**
 * Answers a client that what it sent is no request, or none for us, and ends its connection; once for each. Requests before it
 * that are still in flight are answered first.
 */
export type RefuseClient = (
  socket: Socket,
  connection: ClientConnection,
  refusal: Refusal,
  /** Undefined: none could be read. */
  request: (RefusedRequest & { resume?(): void }) | undefined,
) => void;

/** How long a refused client may take to read why. */
const REFUSAL_LINGER_MS = 500;

export function createRefuseClient(
  listener: string,
  { clock, log, headMs, newRequestId, onRejected }: RefuseDeps,
): RefuseClient {
  return (socket, connection, { reason, detail }, request) => {
    if (connection.refused) return;
    connection.refused = true;
    // Of a body that goes on here nothing more can be read.
    if (connection.open.some((exchange) => !exchange.request.complete)) return void socket.destroy();
    const peer = peerOf({ socket });
    const rejection = { reason, requestId: newRequestId(), at: clock.wall() };
    log.debug({ listener, peer, reason, detail, requestId: rejection.requestId }, "request refused");
    const totalMs = reason === "head-slow" ? headMs() : 0;
    onRejected(recordOf(rejection, { listener, peer, peerPort: socket.remotePort, totalMs }, request));

    const answer = () => {
      socket.end(rejectionText(rejection, request), "latin1");
      // What the client still sends is read and dropped: closing on unread data would reset the answer away.
      socket.resume();
      const cancel = clock.after(REFUSAL_LINGER_MS, () => socket.destroy());
      socket.once("close", cancel);
    };
    request?.resume?.();
    if (connection.open.length === 0) answer();
    // Before them it would be taken for the answer to the first of them.
    else connection.pendingRefusal = answer;
  };
}
