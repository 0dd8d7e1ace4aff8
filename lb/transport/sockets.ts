import type { Clock } from "../../runtime/clock.ts";
import { headerValue } from "../exchange.ts";
import type { LiveExchange } from "../listener/exchange/live-exchange.ts";
import { pumpBody, type BodyPump } from "./body-pump.ts";
import {
  createConnectionStore,
  type PooledConnection,
  type ConnectionStore,
  IDLE_MS,
} from "./connection-store.ts";
import { createEndOfTurn } from "./end-of-turn.ts";
import { checkOnce } from "./health-check.ts";
import { requestText } from "./request-text.ts";
import type { UpstreamRequest, UpstreamRequestEvents, TransportFailure, Transport } from "./transport.ts";
import { connectUpstream, type AnswerReader, type UpstreamConnection } from "./upstream-connection.ts";

export interface SocketsEngineDeps {
  readonly clock: Clock;
  /** After which an idle connection to an upstream is closed, unless the upstream announces less. */
  readonly idleMs?: number;
}

type Connection = UpstreamConnection<SocketAttempt>;

/** A plain record, and functions for all of them: one that had its own would cost each request a dozen closures. */
interface SocketAttempt extends UpstreamRequest {
  readonly connections: ConnectionStore<Connection>;
  readonly exchange: LiveExchange;
  readonly events: UpstreamRequestEvents;
  /** The request's head, until it is sent. */
  headText: string;
  readonly chunked: boolean;
  pooled: PooledConnection<Connection>;
  pump: BodyPump | undefined;
  /** Nothing is emitted, taken or counted any more. */
  over: boolean;
  requestSent: boolean;
  bodyConsumed: boolean;
  bodySent: boolean;
  reused: boolean;
  headReceived: boolean;
}

/** What one read from an upstream can bring. */
const READ_BYTES = 64 * 1024;

/**
 * Carries requests over its own HTTP/1.1 client: a connection has one request at a time, and gets the next one only when
 * all of the answer has come and nothing behind it.
 *
 * A request for a connection that idles waits for the end of the loop's turn: what its upstream had sent or done to it by
 * then is seen first. If there was anything, another connection takes its place.
 */
export function createSocketsEngine({ clock, idleMs = IDLE_MS }: SocketsEngineDeps): Transport<LiveExchange> {
  const memory = Buffer.allocUnsafeSlow(READ_BYTES);
  const connections = createConnectionStore<Connection>({
    clock,
    idleMs,
    open: (target, broken) => connectUpstream(target, memory, READER, broken),
  });
  const endOfTurn = createEndOfTurn(beginOnIdle);
  return {
    send(target, exchange, headers, events) {
      const text = requestText(exchange.head, headers, target);
      const pooled = connections.take(target);
      const attempt: SocketAttempt = {
        connections,
        exchange,
        events,
        headText: text ?? "",
        chunked: headerValue(headers, "content-length") === undefined,
        pooled,
        pump: undefined,
        over: false,
        requestSent: false,
        bodyConsumed: false,
        bodySent: !exchange.head.hasBody,
        reused: false,
        headReceived: false,
        abort,
      };
      if (text === undefined)
        // The caller has not got its upstream request yet.
        queueMicrotask(() => fail(attempt, "invalid", "a request that cannot be sent"));
      else {
        pooled.connection.hold(attempt);
        if (pooled.connection.open) endOfTurn.add(attempt);
      }
      return attempt;
    },
    check: checkOnce,
    counts: (target) => connections.counts(target),
    forget: (target) => connections.forget(target),
    close: () => connections.close(),
  };
}

function beginOnIdle(attempt: SocketAttempt): void {
  while (!attempt.over && !attempt.pooled.connection.open) {
    attempt.pooled = attempt.connections.replace(attempt.pooled);
    const { connection } = attempt.pooled;
    connection.hold(attempt);
    // A new one emits `opened`.
    if (!connection.open) return;
  }
  begin(attempt);
}

function begin(attempt: SocketAttempt): void {
  if (attempt.over) return;
  const { exchange, events, pooled, headText } = attempt;
  const { connection } = pooled;
  const { socket } = connection;
  attempt.reused = connection.served > 0;
  attempt.requestSent = true;
  connection.expectAnswer(exchange.head.method === "HEAD");
  events.connected(attempt.reused);
  // TypeScript does not see that it may have been given up in there.
  if ((attempt as { readonly over: boolean }).over) return;
  attempt.headText = "";
  if (attempt.bodySent) return void socket.write(headText, "latin1");
  // The head leaves with as much of the body as is there.
  socket.cork();
  socket.write(headText, "latin1");
  attempt.pump = pumpBody(exchange, socket, attempt.chunked, {
    moved() {
      attempt.bodyConsumed = true;
      events.progress();
    },
    sent() {
      attempt.bodySent = true;
    },
  });
  process.nextTick(uncork, socket);
}

function uncork(socket: { uncork(): void }): void {
  socket.uncork();
}

const READER: AnswerReader<SocketAttempt> = {
  opened: begin,
  inform({ over, events }, head) {
    // The client's own 100 was sent when its body was asked for.
    if (!over && head.status !== 100) events.inform(head);
  },
  head(attempt, head) {
    attempt.headReceived = true;
    if (!attempt.events.head(head)) attempt.abort();
  },
  body({ exchange, events }, piece) {
    events.progress();
    // The piece is in memory that the next read writes to.
    return exchange.write(Buffer.from(piece));
  },
  paused(attempt) {
    attempt.exchange.onDrain(() => {
      if (!attempt.over) attempt.pooled.connection.resume();
    });
  },
  end(attempt, trailers, keepMs) {
    const { connections, pooled, bodySent, events } = attempt;
    if (!leave(attempt)) return connections.discard(pooled);
    // An answer that came before the whole request was sent leaves its rest to be sent, or not: nothing is kept.
    const { connection } = pooled;
    if (bodySent && connection.socket.writableLength === 0) connections.release(pooled, keepMs);
    else connections.discard(pooled);
    events.end(trailers);
  },
  broken: fail,
};

function leave(attempt: SocketAttempt): boolean {
  if (attempt.over) return false;
  attempt.over = true;
  attempt.pump?.detach();
  return true;
}

function fail(attempt: SocketAttempt, kind: TransportFailure["kind"], detail: string): void {
  if (!leave(attempt)) return;
  const { connections, pooled, events, requestSent, bodyConsumed, reused, headReceived } = attempt;
  connections.discard(pooled);
  events.fail({ kind, requestSent, bodyConsumed, reused, headReceived, detail });
}

function abort(this: SocketAttempt): void {
  if (leave(this)) this.connections.discard(this.pooled);
}
