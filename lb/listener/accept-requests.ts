import type { Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Clock } from "../../runtime/clock.ts";
import { systemCode } from "../../runtime/errors.ts";
import type { ClientConnection, ClientConnections } from "./client-connection.ts";
import { createLiveExchange, type LiveExchange, type OpenExchange } from "./exchange/live-exchange.ts";
import { readRequestHead } from "./exchange/request-head.ts";
import { createUpgradeExchange } from "./exchange/upgrade-exchange.ts";
import type { RequestClass, UpgradableRequest } from "./exchange/upgrade-request.ts";
import { refusalOfParserError, type ParserError } from "./refusal/parser-error.ts";
import type { RefuseClient } from "./refusal/refuse-client.ts";

interface AcceptDeps {
  readonly clock: Clock;
  readonly connections: ClientConnections;
  /** Whether the listener ends TLS. */
  readonly secure: boolean;
  readonly refuse: RefuseClient;
  /** True once the listener is closing: answers then close their connections. */
  closing(): boolean;
  handle(exchange: LiveExchange): void;
}

/** Turns the requests of a listener's server into exchanges, and refuses what is no request, or none that is served. */
export function acceptRequests(server: Server<RequestClass>, deps: AcceptDeps): void {
  const { connections, refuse } = deps;
  const connectionOf = (socket: Duplex) => connections.get(socket as Socket);

  const onRequest = (request: UpgradableRequest, response: ServerResponse) => {
    const connection = connectionOf(request.socket);
    if (connection && !connection.refused && !connection.last)
      openExchange(request, response, connection, deps);
  };
  server.on("request", onRequest);
  // The exchange asks for the body itself, once there is an upstream to take it.
  server.on("checkContinue", onRequest);
  server.on("checkExpectation", (request, response) => {
    const connection = connectionOf(request.socket);
    if (connection) refuse(request.socket, connection, { reason: "expectation-unknown" }, request);
    else response.destroy();
  });
  server.on("connect", (request, socket) => {
    const connection = connectionOf(socket);
    if (connection) refuse(request.socket, connection, { reason: "method-not-allowed" }, request);
  });
  server.on("upgrade", (request, socket, early: Buffer) => {
    const connection = connectionOf(socket);
    if (connection && !connection.refused) openUpgrade(request, early, connection, deps);
  });
  server.on("clientError", (error, socket) =>
    refuseBytes(error, socket as Socket, connectionOf(socket), deps),
  );
}

function openExchange(
  request: UpgradableRequest,
  response: ServerResponse,
  connection: ClientConnection,
  deps: AcceptDeps,
): void {
  const { clock, secure, refuse } = deps;
  const last = request.staysHttp;
  connection.last = last;
  const reading = readRequestHead(request, { upgrade: undefined, secure });
  if (!reading.head) return refuse(request.socket, connection, reading.refusal, request);
  const exchange = createLiveExchange({
    clock,
    head: reading.head,
    request,
    response,
    closing: () => last || deps.closing(),
    done: () => endExchange(request.socket, connection, exchange, deps),
  });
  connection.open.push(exchange);
  deps.handle(exchange);
}

function openUpgrade(
  request: UpgradableRequest,
  early: Buffer,
  connection: ClientConnection,
  deps: AcceptDeps,
): void {
  const { clock, secure, refuse } = deps;
  const reading = readRequestHead(request, { upgrade: request.switchesTo, secure });
  if (!reading.head) return refuse(request.socket, connection, reading.refusal, request);
  const exchange = createUpgradeExchange({
    clock,
    head: reading.head,
    request,
    socket: request.socket,
    early,
    done: () => endExchange(request.socket, connection, exchange, deps),
  });
  connection.open.push(exchange);
  deps.handle(exchange);
}

function endExchange(
  socket: Socket,
  connection: ClientConnection,
  exchange: OpenExchange,
  deps: Pick<AcceptDeps, "closing">,
): void {
  const { open } = connection;
  const place = open.indexOf(exchange);
  if (place !== -1) open.splice(place, 1);
  connection.served = true;
  connection.idleBytes = undefined;
  connection.body = undefined;
  if (open.length === 0 && connection.pendingRefusal) return connection.pendingRefusal();
  if (deps.closing() && open.length === 0) socket.destroySoon();
}

/** Ends a connection whose bytes node's parser could not read, with an answer where there can be one. */
function refuseBytes(
  error: Error,
  socket: Socket,
  connection: ClientConnection | undefined,
  { refuse }: Pick<AcceptDeps, "refuse">,
): void {
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
}

function ignoreRest(socket: Socket, connection: ClientConnection): void {
  connection.refused = true;
  if (connection.open.length === 0) socket.destroySoon();
}
