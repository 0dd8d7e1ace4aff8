import type { IncomingMessage, ServerOptions, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Cancel, Clock } from "../runtime/clock.ts";
import { systemCode } from "../runtime/errors.ts";
import type { Log } from "../runtime/log.ts";
import type { Balancer, RequestRecord } from "./balancer.ts";
import { createPlainServer, createTlsServer } from "./listener-server.ts";
import { closeUnheard } from "./last-connections.ts";
import { createLiveExchange, type LiveExchange, type OpenExchange } from "./live-exchange.ts";
import { refusalText, rejectionOf, refusalOfParserError } from "./rejection.ts";
import { peerOf, readRequestHead } from "./request-head.ts";
import { isTooSlow, startBodyWatch, type BodyWatch } from "./slow-body.ts";
import type { TlsIdentity } from "./tls-identity.ts";
import { createUpgradeExchange } from "./upgrade-exchange.ts";

export interface ListenerTimeouts {
  /** For a client to send a whole request head. */
  readonly clientHeadMs: number;
  /** For a client to send a body, at the least: it grows with what comes. */
  readonly clientBodyMs: number;
  /** After which an idle client connection is closed. */
  readonly idleMs: number;
}

export interface ListenerDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly timeouts: ListenerTimeouts;
  /** Absent: plain HTTP. */
  readonly tls?: TlsIdentity | undefined;
  /** A request that never reached the core: malformed, refused, or too slow. */
  onRejected(record: RequestRecord): void;
}

/** An address that clients connect to. */
export interface Listener {
  readonly name: string;
  /** Starts to accept. Throws the system's error (`EADDRINUSE`, `EACCES`). */
  listen(): Promise<{ readonly port: number }>;
  /** Whether it is one kind or the other is settled when it is made: `tls` only replaces what was there. */
  update(timeouts: ListenerTimeouts, tls?: TlsIdentity): void;
  /**
   * Accepts nothing more and closes what is idle soon; what is in flight or on its way may end, on connections that are
   * closed with it. After `deadlineMs` the rest is broken off. Resolves when no connection is left.
   */
  close(deadlineMs: number): Promise<void>;
}

interface Connection {
  /**
   * In the order of their requests. No Set: one that is changed with every request leaves tables behind that keep what
   * they held, until the next full garbage collection.
   */
  readonly open: OpenExchange[];
  /** Its client was told to go; whatever still arrives is thrown away. */
  refused: boolean;
  /** It has had a request that is answered. */
  asked: boolean;
  /** Bytes that had come when it was first seen idle; undefined before. */
  idleBytes: number | undefined;
  /** When it was last seen without bytes that are no request yet. */
  strayAt: number;
  /** Of the body that is waited for; undefined before, and when there is none. */
  body: BodyWatch | undefined;
}

/** Bounds the whole request head. Their number is not bounded: node would drop those past it, but obey them. */
const MAX_HEAD_BYTES = 16 * 1024;

/** How often connections are looked through for late heads and bodies: the precision of their times. */
const HEAD_CHECK_MS = 250;

/** How long idle connections are kept when the listener closes, for requests that are on their way. */
const IDLE_GRACE_MS = 500;

/** The same for those that have had no request yet: whoever has just connected means to send one, and may be slow at it. */
const FRESH_GRACE_MS = 3000;

/** How long a refused client may take to read why. */
const REFUSAL_LINGER_MS = 500;

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
  const connections = new Map<Socket, Connection>();
  const secure = tls !== undefined;
  let closing = false;
  let expired = false;
  let accepted = 0;
  let cancelLook: Cancel = () => {};
  let lookedAt = 0;
  let { clientBodyMs } = deps.timeouts;

  const options: ServerOptions = {
    maxHeaderSize: MAX_HEAD_BYTES,
    connectionsCheckingInterval: HEAD_CHECK_MS,
    // Checked with the rest of the head, so that the refusal is flagged and logged like the others.
    requireHostHeader: false,
    requestTimeout: 0,
    headersTimeout: deps.timeouts.clientHeadMs,
    keepAliveTimeout: deps.timeouts.idleMs,
    noDelay: true,
  };
  const front = tls ? createTlsServer(options, tls, deps.timeouts.clientHeadMs) : createPlainServer(options);
  const { server } = front;
  server.maxHeadersCount = 0;

  server.on("connection", (socket: Socket) => {
    accepted += 1;
    if (expired) socket.destroy();
  });
  front.onConnection((socket) => {
    // Asked now, node remembers it: of a client that has left the system no longer tells. Nobody is there already: "-".
    if (peerOf({ socket }) === "-") return void socket.destroy();
    const connection: Connection = {
      open: [],
      refused: false,
      asked: false,
      idleBytes: undefined,
      strayAt: 0,
      body: undefined,
    };
    connections.set(socket, connection);
    socket.on("error", () => {});
    socket.on("close", () => {
      connections.delete(socket);
      for (const exchange of connection.open.splice(0)) exchange.clientGone();
    });
  });

  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    const connection = connections.get(request.socket);
    if (!connection || connection.refused) return;
    const reading = readRequestHead(request, { upgrade: false, secure });
    if (!reading.head) return refuse(request.socket, connection, reading.refusal, request);
    const exchange = createLiveExchange({
      clock,
      head: reading.head,
      request,
      response,
      closing: () => closing,
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
    if (connection) refuse(request.socket, connection, { status: 417, detail: "an unknown Expect" }, request);
    else response.destroy();
  });
  server.on("connect", (request, socket) => {
    const connection = connectionOf(socket);
    if (connection) refuse(request.socket, connection, { status: 405, detail: "CONNECT" }, request);
  });

  server.on("upgrade", (request, socket, early) => {
    const connection = connectionOf(socket);
    if (!connection || connection.refused) return;
    const reading = readRequestHead(request, { upgrade: true, secure });
    if (!reading.head) return refuse(request.socket, connection, reading.refusal, request);
    // Node hands the connection over at once, even with pipelined answers to earlier requests still to be written.
    if (connection.open.length > 0) return void socket.destroy();
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
    // Bytes behind a request that said it was the last (RFC 9112, 9.6): that one is answered, these are not read.
    if (connection && systemCode(error) === "HPE_CLOSED_CONNECTION") return ignoreRest(socket, connection);
    const refusal = refusalOfParserError(systemCode(error), error.message);
    // A connection on which nothing was said, or which broke, has nobody to answer to.
    if (!connection || !refusal || socket.bytesRead === 0 || !socket.writable) return void socket.destroy();
    const [exchange, ...others] = connection.open;
    // In the body of a request that is being carried: its own answer says so, and ends the connection.
    if (exchange && others.length === 0 && !exchange.started && !exchange.request.complete) {
      connection.refused = true;
      return exchange.clientGone("malformed");
    }
    refuse(socket, connection, refusal, undefined);
  });

  function connectionOf(socket: Duplex): Connection | undefined {
    return connections.get(socket as Socket);
  }

  function ended(socket: Socket, connection: Connection, exchange: OpenExchange) {
    const place = connection.open.indexOf(exchange);
    if (place !== -1) connection.open.splice(place, 1);
    connection.asked = true;
    connection.idleBytes = undefined;
    connection.body = undefined;
    if (closing && connection.open.length === 0) socket.destroySoon();
  }

  function ignoreRest(socket: Socket, connection: Connection) {
    connection.refused = true;
    if (connection.open.length === 0) socket.destroySoon();
  }

  function refuse(
    socket: Socket,
    connection: Connection,
    refusal: { readonly status: number; readonly detail: string },
    request: IncomingMessage | undefined,
  ) {
    if (connection.refused) return;
    connection.refused = true;
    // Its answer would be taken for the answer to the request before it, which is still in flight.
    if (connection.open.length > 0) return void socket.destroy();
    const { status, detail } = refusal;
    const peer = peerOf({ socket });
    const totalMs = status === 408 ? server.headersTimeout : 0;
    log.debug({ listener: name, peer, status, detail }, "request refused");
    deps.onRejected(
      rejectionOf(
        { listener: name, status, at: clock.wall(), peer, peerPort: socket.remotePort, totalMs },
        request,
      ),
    );
    socket.end(refusalText(status, request?.method), "latin1");
    request?.resume();
    // What the client still sends is read and dropped: closing on unread data would reset the answer away.
    socket.resume();
    const cancel = clock.after(REFUSAL_LINGER_MS, () => socket.destroy());
    socket.once("close", cancel);
  }

  function look() {
    cancelLook = clock.after(HEAD_CHECK_MS, look);
    const now = clock.now();
    const elapsedMs = now - lookedAt;
    lookedAt = now;
    for (const [socket, connection] of connections)
      if (connection.open.length > 0) lookAtBody(socket, connection, elapsedMs);
      else if (connection.asked) closeStray(socket, connection, now);
  }

  /** Each piece of a body puts the core's timers off, so one that comes byte by byte is none of theirs. */
  function lookAtBody({ bytesRead }: Socket, connection: Connection, elapsedMs: number) {
    const [exchange] = connection.open;
    // While its upstream does not take it, its client is not to blame.
    if (exchange?.awaitsBody?.() !== true) return;
    connection.body ??= startBodyWatch(bytesRead, clientBodyMs);
    if (!isTooSlow(connection.body, bytesRead, elapsedMs, clientBodyMs)) return;
    connection.refused = true;
    exchange.clientGone("slow");
  }

  /**
   * node's timer for heads begins with a request's first letter, and the one for idling with every byte: a client that
   * sends empty lines would be kept by neither. Heads that are only late have been refused by node before.
   */
  function closeStray(socket: Socket, connection: Connection, now: number) {
    const { bytesRead } = socket;
    if (connection.idleBytes === undefined) connection.idleBytes = bytesRead;
    if (connection.idleBytes === bytesRead) connection.strayAt = now;
    else if (now - connection.strayAt > server.headersTimeout + 2 * HEAD_CHECK_MS) socket.destroySoon();
  }

  function closeIdle(which: (connection: Connection) => boolean) {
    for (const [socket, connection] of connections)
      if (connection.open.length === 0 && which(connection)) socket.destroySoon();
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
          lookedAt = clock.now();
          cancelLook = clock.after(HEAD_CHECK_MS, look);
          resolve({ port: (server.address() as AddressInfo).port });
        });
      }),
    update({ clientHeadMs, idleMs, ...others }, tls) {
      if (tls) front.show(tls);
      ({ clientBodyMs } = others);
      server.headersTimeout = clientHeadMs;
      server.keepAliveTimeout = idleMs;
    },
    close: (deadlineMs) =>
      new Promise((resolve) => {
        closing = true;
        let cancelIdle: Cancel | undefined;
        const cancel = clock.after(deadlineMs, () => {
          expired = true;
          for (const socket of connections.keys()) socket.destroy();
        });
        closeUnheard(server, {
          clock,
          // Each turn of the loop takes over one, and on a busy machine turns are long.
          patienceMs: 0.8 * deadlineMs,
          accepted: () => accepted,
          stopped() {
            // What is on its way on an idle connection would be lost with it. Whoever is answered is told to go.
            const closeAfter = (ms: number, which: (connection: Connection) => boolean) =>
              clock.after(Math.min(ms, deadlineMs), () => {
                front.breakHandshakes();
                // A machine that had no time for us all the while has what came unread: the loop turns once for that.
                setImmediate(() => setImmediate(() => closeIdle(which)));
              });
            const cancels = [
              closeAfter(IDLE_GRACE_MS, ({ asked }) => asked),
              closeAfter(FRESH_GRACE_MS, () => true),
            ];
            cancelIdle = () => cancels.forEach((each) => each());
          },
          closed() {
            cancel();
            cancelIdle?.();
            cancelLook();
            // Nothing is open any more: this only stops node's interval that looks for late heads.
            server.close();
            resolve();
          },
        });
      }),
  };
}
