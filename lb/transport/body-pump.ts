import type { Socket } from "node:net";
import type { LiveExchange } from "../listener/exchange/live-exchange.ts";

/** A client's body on its way to an upstream. */
export interface BodyPump {
  /** Lets go of the client's request, which then waits where it is. */
  detach(): void;
}

/**
 * Sends a client's body to an upstream, no faster than that one takes it; in chunks unless its length was announced.
 * `moved` is called for each piece taken from the client, `sent` once the last byte is given to the socket.
 */
export function pumpBody(
  exchange: LiveExchange,
  socket: Socket,
  chunked: boolean,
  on: { moved(): void; sent(): void },
): BodyPump {
  const { request } = exchange;
  let ended = false;

  function onData(piece: Buffer) {
    if (piece.length === 0) return;
    on.moved();
    if (chunked) socket.cork();
    if (chunked) socket.write(`${piece.length.toString(16)}\r\n`, "latin1");
    let free = socket.write(piece);
    if (chunked) free = socket.write("\r\n", "latin1");
    if (chunked) socket.uncork();
    if (!free) request.pause();
  }

  function onEnd() {
    ended = true;
    detachFromRequest();
    if (chunked) socket.write("0\r\n\r\n", "latin1");
    on.sent();
  }

  function onDrain() {
    request.resume();
  }

  function detachFromRequest() {
    request.off("data", onData).off("end", onEnd);
    socket.off("drain", onDrain);
  }

  if (request.readableEnded) onEnd();
  else {
    exchange.acceptBody();
    socket.on("drain", onDrain);
    // An attempt before this one may have left it paused.
    request.on("data", onData).on("end", onEnd).resume();
  }
  return {
    detach() {
      if (!ended) request.pause();
      detachFromRequest();
    },
  };
}
