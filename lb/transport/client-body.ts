import { Readable } from "node:stream";
import type { LiveExchange } from "../listener/exchange/live-exchange.ts";

/** The client's body, as one attempt reads it. */
interface ClientBody {
  readonly stream: Readable;
  /** Lets the stream read. Before this nothing is taken from the client, however the stream is used. */
  open(): void;
  /** Lets go of the client's request, which then waits where it is for the next attempt or the answer's end. */
  detach(): void;
}

/**
 * A stream of the attempt's own over the client's request: an engine may destroy it, and a retry gets a new one,
 * without either touching the client's connection. `onBytes` is called for each piece taken from the client.
 * A request without a body gives an empty stream.
 */
export function createClientBody(exchange: LiveExchange, onBytes: () => void): ClientBody {
  const { head, request } = exchange;
  let opened = false;
  let wanted = false;
  let attached = false;
  let detached = false;

  const stream = new Readable({
    highWaterMark: 64 * 1024,
    read() {
      wanted = true;
      if (opened) pull();
    },
  });
  // An engine destroys the stream with the error of its connection, which is reported where it happened.
  stream.on("error", () => {});

  function pull() {
    if (detached) return;
    if (!head.hasBody || request.readableEnded) return void stream.push(null);
    if (attached) return void request.resume();
    attached = true;
    exchange.acceptBody();
    // An attempt before this one may have left it paused.
    request.on("data", onData).on("end", onEnd).resume();
  }

  function onData(chunk: Buffer) {
    onBytes();
    if (!stream.push(chunk)) request.pause();
  }

  function onEnd() {
    stream.push(null);
  }

  return {
    stream,
    open() {
      opened = true;
      if (wanted) pull();
    },
    detach() {
      detached = true;
      if (!attached) return;
      request.pause();
      request.off("data", onData).off("end", onEnd);
    },
  };
}
