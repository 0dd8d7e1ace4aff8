import type { Socket } from "node:net";
import { Client } from "undici";
import { systemCode } from "../../runtime/errors.ts";
import { openSocket } from "./open-socket.ts";
import { authorityOf, type Target } from "../address.ts";

/** One connection to an upstream: an undici client that never has more than one request. */
export interface Connection {
  readonly client: Client;
  /** Answers that came over the socket it has now. */
  served: number;
  /** Ends it at once, also while it is only being opened. */
  destroy(): void;
}

/** undici's own timers are never to fire: this is as long as a node timer can wait. */
const NEVER_MS = 2 ** 31 - 1;

/** A client that connects when it is given a request. `broken` is called when its socket has ended. */
export function openClient(target: Target, broken: () => void): Connection {
  let socket: Socket | undefined;
  const client = new Client(`http://${authorityOf(target)}`, {
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: NEVER_MS,
    keepAliveMaxTimeout: NEVER_MS,
    // Lets no Keep-Alive of an upstream set undici's timer: the store obeys it, on our clock.
    keepAliveTimeoutThreshold: -NEVER_MS,
    connect(_options, done) {
      connection.served = 0;
      const opening = openWatched(target, (error) => (error ? done(error, null) : done(null, opening)));
      socket = opening;
    },
  });
  const connection: Connection = {
    client,
    served: 0,
    destroy() {
      client.destroy(null, () => {});
      // undici would wait for a connection that is only being opened.
      socket?.destroy();
    },
  };
  client.on("disconnect", broken);
  return connection;
}

function openWatched(target: Target, done: (error: Error | undefined) => void): Socket {
  const socket = openSocket(target);
  let settled = false;
  const settle = (error?: Error) => {
    if (settled) return;
    settled = true;
    done(error);
  };
  socket.once("connect", () => settle());
  socket.on("error", settle);
  socket.once("close", () => settle(new Error("closed while connecting")));
  // undici 7.30 fails an assertion, and the process with it, when an answer that it has paused is reset and this
  // error's code is ECONNRESET (client-h1.js, onHttpSocketError). Under another code it fails the request alone.
  const destroySocket = socket.destroy.bind(socket);
  socket.destroy = (error) =>
    destroySocket(systemCode(error) === "ECONNRESET" ? new Error("connection reset by upstream") : error);
  return socket;
}
