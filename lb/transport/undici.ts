import type { Dispatcher } from "undici";
import type { Clock } from "../../runtime/clock.ts";
import { headerValue, type HeaderList } from "../exchange.ts";
import type { LiveExchange } from "../listener/exchange/live-exchange.ts";
import { createClientBody } from "./client-body.ts";
import {
  createConnectionStore,
  type PooledConnection,
  type ConnectionStore,
  IDLE_MS,
} from "./connection-store.ts";
import { failureDetail, failureKind } from "./failure-kind.ts";
import { headFault } from "./head-fault.ts";
import { checkOnce } from "./health-check.ts";
import { keptMs } from "./kept-ms.ts";
import type { UpstreamRequest, UpstreamRequestEvents, Transport } from "./transport.ts";
import { createSocketsEngine } from "./sockets.ts";
import { openClient, type Connection } from "./undici-connections.ts";

export interface EngineDeps {
  readonly clock: Clock;
  /** After which an idle connection to an upstream is closed, unless the upstream announces less. */
  readonly idleMs?: number;
}

/**
 * Carries requests over undici's `dispatch`. Each connection is a client of its own and gets a request only when it
 * has none: undici's queue, pool, retries and timers stay out of it.
 *
 * undici writes `Host` first and adds `Connection: keep-alive`; the other headers go out as given. A 100 that no
 * request asked for counts as an invalid answer. It sends a head only with the first of its body, so that an answer which
 * the head alone brings about would not come: requests whose clients wait to be asked for their bodies go over sockets.
 */
export function createUndiciEngine({ clock, idleMs = IDLE_MS }: EngineDeps): Transport<LiveExchange> {
  const connections = createConnectionStore({ clock, idleMs, open: openClient });
  const sockets = createSocketsEngine({ clock, idleMs });
  return {
    send: (target, exchange, headers, events) =>
      exchange.expectsContinue
        ? sockets.send(target, exchange, headers, events)
        : startAttempt(connections, connections.take(target), exchange, headers, events),
    check: checkOnce,
    counts(target) {
      const [ours, theirs] = [connections.counts(target), sockets.counts(target)];
      return {
        idle: ours.idle + theirs.idle,
        active: ours.active + theirs.active,
        reuses: ours.reuses + theirs.reuses,
      };
    },
    forget(target) {
      connections.forget(target);
      sockets.forget(target);
    },
    close() {
      connections.close();
      sockets.close();
    },
  };
}

function startAttempt(
  connections: ConnectionStore<Connection>,
  pooled: PooledConnection<Connection>,
  exchange: LiveExchange,
  headers: HeaderList,
  events: UpstreamRequestEvents,
): UpstreamRequest {
  const { head } = exchange;
  const { connection } = pooled;
  let over = false;
  let requestSent = false;
  let bodyConsumed = false;
  let reused = false;
  let status: number | undefined;
  let announcedMs: number | undefined;

  const body = head.hasBody
    ? createClientBody(exchange, () => {
        bodyConsumed = true;
        events.progress();
      })
    : undefined;
  body?.open();

  /** The only way out: nothing is emitted, taken or counted after it. */
  function leave(): boolean {
    if (over) return false;
    over = true;
    body?.detach();
    return true;
  }

  function abort() {
    if (leave()) connections.discard(pooled);
  }

  function finish(trailers: HeaderList) {
    if (!leave()) return;
    // undici's parser obeys a Connection among the trailers, too, and reads nothing more.
    connection.served += 1;
    connections.release(pooled, headerValue(trailers, "connection") === undefined ? announcedMs : 0);
    events.end(trailers);
  }

  const handler: Dispatcher.DispatchHandler = {
    onConnect() {
      if (over) return;
      reused = connection.served > 0;
      requestSent = true;
      events.connected(reused);
    },
    onHeaders(code, raw, resume, reason) {
      if (over) return true;
      const answer = { status: code, reason, headers: decode(raw) };
      if (code >= 100 && code < 200 && code !== 101) {
        events.inform(answer);
        return true;
      }
      const fault = headFault(answer);
      if (fault !== undefined) {
        fail(new Error(fault), "invalid");
        return true;
      }
      status = code;
      announcedMs = keptMs(answer.headers);
      resumeBody = resume;
      if (!events.head(answer)) abort();
      return true;
    },
    onData(chunk) {
      if (over) return true;
      events.progress();
      if (exchange.write(chunk)) return true;
      // Pipelined answers drain while the one before them ends, which another parser of undici's may be at just now.
      exchange.onDrain(() => queueMicrotask(goOn));
      return false;
    },
    onComplete(trailers) {
      finish(trailers === null ? [] : decode(trailers));
    },
    onError(error) {
      // undici takes the Content-Length of a 204 or a 304, behind which there is no body (RFC 9112, 6.3), for a short one.
      if ((status === 204 || status === 304) && isLengthMismatch(error)) return finishWithout();
      fail(error);
    },
  };
  let resumeBody = () => {};

  function goOn() {
    if (!over) resumeBody();
  }

  function fail(error: Error, kind = failureKind(error, requestSent)) {
    if (!leave()) return;
    connections.discard(pooled);
    const detail = failureDetail(error);
    events.fail({ kind, requestSent, bodyConsumed, reused, headReceived: status !== undefined, detail });
  }

  function finishWithout() {
    if (!leave()) return;
    connections.discard(pooled);
    events.end([]);
  }

  connection.client.dispatch(
    {
      method: head.method,
      path: head.target,
      headers: [...headers],
      body: body?.stream ?? null,
      // Keeps the connection after HEAD and after a body with a method that rarely has one.
      reset: false,
    },
    handler,
  );
  return { abort };
}

function isLengthMismatch(error: Error): boolean {
  return "code" in error && error.code === "UND_ERR_RES_CONTENT_LENGTH_MISMATCH";
}

/** Header bytes are read as latin1, as node does: whatever they meant, they go out again as they came in. */
function decode(raw: readonly (Buffer | string)[]): string[] {
  return raw.map((piece) => (typeof piece === "string" ? piece : piece.toString("latin1")));
}
