import type { Socket } from "node:net";
import type { Cancel, Clock } from "../../runtime/clock.ts";
import type { ClientConnection, ClientConnections } from "./client-connection.ts";
import { isTooSlow, startBodyWatch } from "./slow-body.ts";

/** Ends what slow clients hold, where neither node's timers nor the core's do. */
export interface SlowClientWatch {
  start(): void;
  stop(): void;
}

/** How often connections are looked through for late heads and bodies: the precision of their times. */
export const CHECK_INTERVAL_MS = 250;

/** `limits` holds from the next look on. */
export function watchSlowClients(
  connections: ClientConnections,
  limits: () => { readonly clientHeadMs: number; readonly clientBodyMs: number },
  clock: Clock,
): SlowClientWatch {
  let cancel: Cancel = () => {};
  let checkedAt = 0;

  function check() {
    const now = clock.now();
    const elapsedMs = now - checkedAt;
    wait();
    for (const [socket, connection] of connections)
      if (connection.open.length > 0) checkBody(socket, connection, elapsedMs);
      else if (connection.served) closeStray(socket, connection, now);
  }

  function wait() {
    checkedAt = clock.now();
    cancel = clock.after(CHECK_INTERVAL_MS, check);
  }

  /** Each piece of a body puts the core's timers off, so one that comes byte by byte is none of theirs. */
  function checkBody({ bytesRead }: Socket, connection: ClientConnection, elapsedMs: number) {
    const [exchange] = connection.open;
    // While its upstream does not take it, its client is not to blame.
    if (exchange?.awaitsBody?.() !== true) return;
    const { clientBodyMs } = limits();
    connection.body ??= startBodyWatch(bytesRead, clientBodyMs);
    if (!isTooSlow(connection.body, bytesRead, elapsedMs, clientBodyMs)) return;
    connection.refused = true;
    exchange.clientGone("slow");
  }

  /**
   * node's timer for heads begins with a request's first letter, and the one for idling with every byte: a client that
   * sends empty lines would be kept by neither. Heads that are only late have been refused by node before.
   */
  function closeStray(socket: Socket, connection: ClientConnection, now: number) {
    const { bytesRead } = socket;
    if (connection.idleBytes === undefined) connection.idleBytes = bytesRead;
    if (connection.idleBytes === bytesRead) connection.strayAt = now;
    else if (now - connection.strayAt > limits().clientHeadMs + 2 * CHECK_INTERVAL_MS) socket.destroySoon();
  }

  return { start: wait, stop: () => cancel() };
}
