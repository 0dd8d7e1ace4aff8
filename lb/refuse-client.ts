import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import type { RequestRecord } from "./balancer.ts";
import type { ClientConnection } from "./client-connection.ts";
import { refusalText, rejectionOf } from "./rejection.ts";
import { peerOf } from "./request-head.ts";

interface RefuseDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds that a client has for a head. */
  headMs(): number;
  onRejected(record: RequestRecord): void;
}

/** Tells a client that what it sent is no request, or none for us, and ends its connection; once for each. */
export type RefuseClient = (
  socket: Socket,
  connection: ClientConnection,
  refusal: { readonly status: number; readonly detail: string },
  /** Undefined: none could be read. */
  request: IncomingMessage | undefined,
) => void;

/** How long a refused client may take to read why. */
const REFUSAL_LINGER_MS = 500;

export function createRefuseClient(
  listener: string,
  { clock, log, headMs, onRejected }: RefuseDeps,
): RefuseClient {
  return (socket, connection, { status, detail }, request) => {
    if (connection.refused) return;
    connection.refused = true;
    // Its answer would be taken for the answer to the request before it, which is still in flight.
    if (connection.open.length > 0) return void socket.destroy();
    const peer = peerOf({ socket });
    const totalMs = status === 408 ? headMs() : 0;
    log.debug({ listener, peer, status, detail }, "request refused");
    onRejected(
      rejectionOf(
        { listener, status, at: clock.wall(), peer, peerPort: socket.remotePort, totalMs },
        request,
      ),
    );
    socket.end(refusalText(status, request?.method), "latin1");
    request?.resume();
    // What the client still sends is read and dropped: closing on unread data would reset the answer away.
    socket.resume();
    const cancel = clock.after(REFUSAL_LINGER_MS, () => socket.destroy());
    socket.once("close", cancel);
  };
}
