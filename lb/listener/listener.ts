import type { ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Clock } from "../../runtime/clock.ts";
import { systemCode } from "../../runtime/errors.ts";
import type { Log } from "../../runtime/log.ts";
import type { Balancer, RequestRecord } from "../balancer.ts";
import { createClientConnection, type ClientConnection } from "./client-connection.ts";
import { closeListener } from "./close-listener.ts";
import type { ConnectionPlaces } from "./connection-places.ts";
import { createPlainServer, createTlsServer, type ListenerOptions } from "./listener-server.ts";
import { createLiveExchange, type LiveExchange, type OpenExchange } from "./exchange/live-exchange.ts";
import { refusalOfParserError, type ParserError } from "./refusal/parser-error.ts";
import { createRefuseClient } from "./refusal/refuse-client.ts";
import { peerOf, readRequestHead } from "./exchange/request-head.ts";
import { CHECK_INTERVAL_MS, watchSlowClients } from "./slow-clients.ts";
import type { TlsIdentity } from "./tls/tls-identity.ts";
import { createUpgradeExchange } from "./exchange/upgrade-exchange.ts";
import { createRequestClass, type UpgradableRequest } from "./exchange/upgrade-request.ts";

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
  const secure = tls !== undefined;
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

  const onRequest = (request: UpgradableRequest, response: ServerResponse) => {
    const connection = connections.get(request.socket);
    if (!connection || connection.refused || connection.last) return;
    const last = request.staysHttp;
    connection.last = last;
    const reading = readRequestHead(request, { upgrade: undefined, secure });
    if (!reading.head) return refuse(request.socket, connection, reading.refusal, request);
    const exchange = createLiveExchange({
      clock,
      head: reading.head,
      request,
      response,
      closing: () => closing || last,
      done: () => ended(request.socket, connection, exchange),
    });
    connection.open.push(exchange);
    balancer.handle(name, exchange);
  };
  server.on("request", onRequest);
  // The exchange asks for the body itself, once there is an upstream to take it.
  server.on("checkContinue", onRequest);
  server.on("checkExpectation", (request, response) => {
    const connection = connections.get(request.socket);
    if (connection) refuse(request.socket, connection, { reason: "expectation-unknown" }, request);
    else response.destroy();
  });
  server.on("connect", (request, socket) => {
    const connection = connectionOf(socket);
    if (connection) refuse(request.socket, connection, { reason: "method-not-allowed" }, request);
  });

  server.on("upgrade", (request, socket, early: Buffer) => {
    const connection = connectionOf(socket);
    if (!connection || connection.refused) return;
    const reading = readRequestHead(request, { upgrade: request.switchesTo, secure });
    if (!reading.head) return refuse(request.socket, connection, reading.refusal, request);
    const exchange = createUpgradeExchange({
      clock,
      head: reading.head,
      request,
      socket: request.socket,
      early,
      done: () => ended(request.socket, connection, exchange),
    });
    connection.open.push(exchange);
    balancer.handle(name, exchange);
  });

  server.on("clientError", (error, duplex) => {
    const connection = connectionOf(duplex);
    const socket = duplex as Socket;
    // The rest of what was refused goes on failing to parse, while its client reads why.
    if (connection?.refused) return;
    // Bytes behind the last request of a connection (RFC 9112, 9.6): it is answered, they are not read.
    const exchange = connection?.open.at(-1);
    const behindLast = connection?.last === true && exchange?.request.complete !== false;
    if (connection && (behindLast || systemCode(error) === "HPE_CLOSED_CONNECTION"))
      return ignoreRest(socket, connection);
    const refusal = refusalOfParserError({
      ...(error as Pick<ParserError, "rawPacket" | "bytesParsed">),
      code: systemCode(error),
      message: error.message,
    });
    // A connection without a byte, or one that broke, gets no answer.
    if (!connection || !refusal || socket.bytesRead === 0 || !socket.writable) return void socket.destroy();
    // In the body of a request that is in flight: its own answer has the reason, and ends the connection.
    if (exchange && !exchange.started && !exchange.request.complete) {
      connection.refused = true;
      return exchange.clientGone("malformed");
    }
    refuse(socket, connection, refusal, refusal.request);
  });

  function connectionOf(socket: Duplex): ClientConnection | undefined {
    return connections.get(socket as Socket);
  }

  function ended(socket: Socket, connection: ClientConnection, exchange: OpenExchange) {
    const place = connection.open.indexOf(exchange);
    if (place !== -1) connection.open.splice(place, 1);
    connection.served = true;
    connection.idleBytes = undefined;
    connection.body = undefined;
    if (connection.open.length === 0 && connection.pendingRefusal) return connection.pendingRefusal();
    if (closing && connection.open.length === 0) socket.destroySoon();
  }

  function ignoreRest(socket: Socket, connection: ClientConnection) {
    connection.refused = true;
    if (connection.open.length === 0) socket.destroySoon();
  }

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
