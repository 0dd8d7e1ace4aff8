import type { Clock } from "../../runtime/clock.ts";
import type { ClientConnection, ClientConnections } from "./client-connection.ts";
import { drainAcceptQueue } from "./accept-queue.ts";
import type { ListenerServer } from "./listener-server.ts";

interface CloseListenerDeps {
  readonly clock: Clock;
  readonly connections: ClientConnections;
  /** How many connections were accepted so far. */
  accepted(): number;
  /** The deadline is over: a connection that is accepted from now on is not served. */
  expired(): void;
}

/** How long idle connections are kept when the listener closes, for requests that are on their way. */
const IDLE_GRACE_MS = 500;

/** The same for those that have had no request yet: a client that has just connected is about to send one, and may be slow. */
const FRESH_GRACE_MS = 3000;

/**
 * Accepts nothing more and closes what is idle soon. After `deadlineMs` the rest is broken off. Resolves when no
 * connection is left.
 */
export function closeListener(
  { server, abortHandshakes }: ListenerServer,
  deadlineMs: number,
  { clock, connections, accepted, expired }: CloseListenerDeps,
): Promise<void> {
  /** A request on its way on an idle connection would be lost with it. Answers close their connections. */
  const closeIdleAfter = (ms: number, which: (connection: ClientConnection) => boolean) =>
    clock.after(Math.min(ms, deadlineMs), () => {
      abortHandshakes();
      // A machine that had no time for us all the while has what came unread: the loop turns once for that.
      setImmediate(() => setImmediate(() => closeIdle(which)));
    });

  function closeIdle(which: (connection: ClientConnection) => boolean) {
    for (const [socket, connection] of connections)
      if (connection.open.length === 0 && which(connection)) socket.destroySoon();
  }

  return new Promise((resolve) => {
    const cancels = [
      clock.after(deadlineMs, () => {
        expired();
        for (const socket of connections.keys()) socket.destroy();
      }),
    ];
    drainAcceptQueue(server, {
      clock,
      // Each turn of the loop takes over one, and on a busy machine turns are long.
      timeoutMs: 0.8 * deadlineMs,
      accepted,
      stopped() {
        cancels.push(closeIdleAfter(IDLE_GRACE_MS, ({ served }) => served));
        cancels.push(closeIdleAfter(FRESH_GRACE_MS, () => true));
      },
      closed() {
        for (const cancel of cancels) cancel();
        // Nothing is open any more: this only stops node's interval that looks for late heads.
        server.close();
        resolve();
      },
    });
  });
}
