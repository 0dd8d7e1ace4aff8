import type { Socket } from "node:net";
import { systemCode } from "../../runtime/errors.ts";
import type { HeaderList, ResponseHead } from "../exchange.ts";
import { createAnswerParser } from "./answer-parser.ts";
import { connectFailureKind, failureDetail } from "./failure-kind.ts";
import { openSocket } from "./open-socket.ts";
import type { TransportFailure } from "./transport.ts";
import type { Target } from "../address.ts";

/** What a connection emits to its attempt `A`; after `end` or `broken`, nothing more. */
export interface AnswerReader<A> {
  /** A new connection is open. Not emitted for one that was open already. */
  opened(attempt: A): void;
  inform(attempt: A, head: ResponseHead): void;
  head(attempt: A, head: ResponseHead): void;
  /** A piece of the body, only lent. False: its reader is slow. */
  body(attempt: A, piece: Buffer): boolean;
  /** After the piece that it is at, no more is read until `resume`. */
  paused(attempt: A): void;
  /** The connection no longer holds the attempt. It may idle for `keepMs` now, if at all. */
  end(attempt: A, trailers: HeaderList, keepMs: number | undefined): void;
  /** It is closed. */
  broken(attempt: A, kind: TransportFailure["kind"], detail: string): void;
}

/** A connection to an upstream that carries one request at a time. */
export interface UpstreamConnection<A> {
  readonly socket: Socket;
  /** True while the socket is connected and no unsolicited byte has arrived. */
  open: boolean;
  /** Answers that came over it. */
  served: number;
  /** Takes the attempt that its events go to from now on. */
  hold(attempt: A): void;
  /** The held attempt's request is sent from now on; what comes is its answer, to a HEAD or to another method. */
  expectAnswer(toHead: boolean): void;
  resume(): void;
  /** Ends it at once. Nothing is emitted. */
  destroy(): void;
}

/**
 * Bytes are read into `memory`, which all connections may share, as each piece is used up before the next is read.
 * While its reader is slow it goes on until a further piece has come, so that it notices an upstream that leaves.
 * `broken` is called if it ends while it holds no attempt.
 */
export function connectUpstream<A>(
  target: Target,
  memory: Buffer,
  reader: AnswerReader<A>,
  broken: () => void,
): UpstreamConnection<A> {
  let held: A | undefined;
  let asked = false;
  let connected = false;
  let over = false;
  let paused = false;
  let stopped = false;
  let ended = false;
  /** Bytes that have come since the reader was full. */
  let backlog: Buffer | undefined;

  const parser = createAnswerParser({
    inform: (head) => held !== undefined && reader.inform(held, head),
    head: (head) => held !== undefined && reader.head(held, head),
    body(piece) {
      if (held === undefined || reader.body(held, piece) || held === undefined || paused) return;
      paused = true;
      reader.paused(held);
    },
    end(trailers, keepMs) {
      const attempt = held;
      held = undefined;
      asked = false;
      paused = false;
      self.served += 1;
      if (attempt !== undefined) reader.end(attempt, trailers, keepMs);
    },
  });

  const socket = openSocket(target, {
    buffer: memory,
    callback(length) {
      // They would be taken for the answer to the next request.
      if (!asked) lose("invalid", "unsolicited bytes");
      else if (paused) backlog = Buffer.from(memory.subarray(0, length));
      else read(memory, length);
      stopped = backlog !== undefined;
      return !stopped;
    },
  });
  socket.on("connect", () => {
    if (over) return;
    connected = true;
    self.open = true;
    if (held !== undefined) reader.opened(held);
  });
  socket.on("error", (error) => lose(kindOf(error), failureDetail(error)));
  socket.on("end", () => {
    ended = true;
    if (backlog === undefined) finish();
  });
  socket.on("close", () =>
    lose("reset", connected ? "the connection was broken off" : "closed while connecting"),
  );

  function kindOf(error: unknown): TransportFailure["kind"] {
    return connected ? "reset" : connectFailureKind(systemCode(error));
  }

  function read(bytes: Buffer, length: number) {
    const fault = parser.push(bytes, length);
    if (fault !== undefined) lose("invalid", fault);
  }

  function finish() {
    if (over || parser.finish()) return;
    lose("reset", "the connection ended before the answer did");
  }

  function lose(kind: TransportFailure["kind"], detail: string) {
    if (over) return;
    const attempt = held;
    self.destroy();
    if (attempt === undefined) broken();
    // One that waits for its turn sees that it is not open any more, and takes another one.
    else if (asked || !connected) reader.broken(attempt, kind, detail);
  }

  const self: UpstreamConnection<A> = {
    socket,
    open: false,
    served: 0,
    hold(attempt) {
      held = attempt;
    },
    expectAnswer(toHead) {
      asked = true;
      parser.begin(toHead);
    },
    resume() {
      paused = false;
      const bytes = backlog;
      backlog = undefined;
      if (bytes) read(bytes, bytes.length);
      if (over) return;
      if (ended) return finish();
      if (stopped && !paused) {
        stopped = false;
        socket.resume();
      }
    },
    destroy() {
      over = true;
      held = undefined;
      self.open = false;
      parser.stop();
      socket.destroy();
    },
  };
  return self;
}
