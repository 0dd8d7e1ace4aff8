import type { AddressInfo, Socket } from "node:net";
import type { Clock } from "../../runtime/clock.ts";
import { systemCode } from "../../runtime/errors.ts";
import type { Log } from "../../runtime/log.ts";
import type { Balancer, RequestRecord } from "../balancer.ts";
import { acceptRequests } from "./accept-requests.ts";
import { createClientConnection, type ClientConnection } from "./client-connection.ts";
import { closeListener } from "./close-listener.ts";
import type { ConnectionPlaces } from "./connection-places.ts";
import { createPlainServer, createTlsServer, type ListenerOptions } from "./listener-server.ts";
import type { LiveExchange } from "./exchange/live-exchange.ts";
import { createRefuseClient } from "./refusal/refuse-client.ts";
import { peerOf } from "./exchange/request-head.ts";
import { CHECK_INTERVAL_MS, watchSlowClients } from "./slow-clients.ts";
import type { TlsIdentity } from "./tls/tls-identity.ts";
import { createRequestClass } from "./exchange/upgrade-request.ts";

export interface ListenerTimeouts {
  /** For a client to send a whole request head. */
  readonly clientHeadMs: number;
  /** For a client to send a body, at the least: it grows with what comes. */
  readonly clientBodyMs: number;
  /** After which an idle client connection is closed. */
  readonly idleMs: number;
}

/** What a configuration may change while a listener serves. */
export interface ListenerSettings {
  readonly timeouts: ListenerTimeouts;
  /** Protocols that an Upgrade may switch to. */
  readonly upgrades: readonly string[];
}

export interface ListenerDeps extends ListenerSettings {
  readonly clock: Clock;
  readonly log: Log;
  /** Absent: plain HTTP. */
  readonly tls?: TlsIdentity | undefined;
  /** Absent: as many connections as come. */
  readonly places?: Pick<ConnectionPlaces, "take">;
  /** For a request that is refused before it has one. */
  newRequestId(): string;
  /** A request that never reached the core: malformed, refused, or too slow. */
  onRejected(record: RequestRecord): void;
}

/** An address that clients connect to. */
export interface Listener {
  readonly name: string;
  /** Starts to accept. Throws the system's error (`EADDRINUSE`, `EACCES`). */
  listen(): Promise<{ readonly port: number }>;
  /** Whether it is one kind or the other is settled when it is made: `tls` only replaces what was there. */
  update(settings: ListenerSettings, tls?: TlsIdentity): void;
  /**
   * Accepts nothing more and closes what is idle soon; what is in flight or on its way may end, on connections that are
   * closed with it. After `deadlineMs` the rest is broken off. Resolves when no connection is left.
   */
  close(deadlineMs: number): Promise<void>;
}

/** Bounds the whole request head. Their number is not bounded: node would drop those past it, but obey them. */
const MAX_HEAD_BYTES = 16 * 1024;

/**
 * A listener on `bind` (HOST and PORT) that hands every well-formed request to the balancer as an exchange.
 * It bounds what a client may do before the core knows of it: the head's size, form and time, and idling.
 */
export function createListener(
  name: string,
  bind: { readonly host: string; readonly port: number },
  balancer: Pick<Balancer<LiveExchange>, "handle">,
  deps: ListenerDeps,
): Listener {
  const { clock, log, tls } = deps;
  const connections = new Map<Socket, ClientConnection>();
  let { timeouts } = deps;
  let upgrades = new Set(deps.upgrades);
  let closing = false;
  let expired = false;
  let accepted = 0;
  const watch = watchSlowClients(connections, () => timeouts, clock);
  const refuse = createRefuseClient(name, {
    clock,
    log,
    headMs: () => timeouts.clientHeadMs,
    newRequestId: () => deps.newRequestId(),
    onRejected: (record) => deps.onRejected(record),
  });

  const options: ListenerOptions = {
    IncomingMessage: createRequestClass({
      allows: (protocol) => upgrades.has(protocol),
      busy: (socket) => connections.get(socket)?.open.length !== 0,
    }),
    maxHeaderSize: MAX_HEAD_BYTES,
    connectionsCheckingInterval: CHECK_INTERVAL_MS,
    // Checked with the rest of the head, so that the refusal is flagged and logged like the others.
    requireHostHeader: false,
    requestTimeout: 0,
    headersTimeout: timeouts.clientHeadMs,
    keepAliveTimeout: timeouts.idleMs,
    noDelay: true,
  };
  const front = tls ? createTlsServer(options, tls, timeouts.clientHeadMs) : createPlainServer(options);
  const { server } = front;
  server.maxHeadersCount = 0;

  server.on("connection", (socket: Socket) => {
    accepted += 1;
    if (expired || deps.places?.take(socket) === false) socket.destroy();
  });
  front.onConnection((socket) => {
    // Read now, node remembers it: the system forgets the address of a client that has left. "-": it has left already.
    if (peerOf({ socket }) === "-") return void socket.destroy();
    const connection = createClientConnection();
    connections.set(socket, connection);
    socket.on("error", () => {});
    socket.on("close", () => {
      connections.delete(socket);
      for (const exchange of connection.open.splice(0)) exchange.clientGone();
    });
  });

  front.onPlain((socket) => refuse(socket, createClientConnection(), { reason: "plain-on-tls" }, undefined));

  acceptRequests(server, {
    clock,
    connections,
    secure: tls !== undefined,
    refuse,
    closing: () => closing,
    handle: (exchange) => balancer.handle(name, exchange),
  });

  return {
    name,
    listen: () =>
      new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen(bind.port, bind.host, () => {
          server.off("error", reject);
          server.on("error", (error) =>
            log.error({ listener: name, code: systemCode(error) }, error.message),
          );
          watch.start();
          resolve({ port: (server.address() as AddressInfo).port });
        });
      }),
    update(next, tls) {
      if (tls) front.useIdentity(tls);
      timeouts = next.timeouts;
      upgrades = new Set(next.upgrades);
      server.headersTimeout = timeouts.clientHeadMs;
      server.keepAliveTimeout = timeouts.idleMs;
    },
    async close(deadlineMs) {
      closing = true;
      await closeListener(front, deadlineMs, {
        clock,
        connections,
        accepted: () => accepted,
        expired() {
          expired = true;
        },
      });
      watch.stop();
    },
  };
}
