import type { IncomingMessage } from "node:http";
import type { HeaderList, ResponseHead } from "../exchange.ts";
import type { LiveExchange } from "../listener/exchange/live-exchange.ts";

/** The head of a response or of an interim one, as node gives it. */
export function headOf(message: {
  readonly statusCode?: number | undefined;
  readonly statusMessage?: string | undefined;
  readonly rawHeaders: HeaderList;
}): ResponseHead {
  const { statusCode = 0, statusMessage = "", rawHeaders } = message;
  return { status: statusCode, reason: statusMessage, headers: rawHeaders };
}

/** Pumps a response's body from node's client into an exchange whose answer has begun, no faster than its client. */
export function relayResponse(
  response: IncomingMessage,
  exchange: LiveExchange,
  on: { progress(): void; end(trailers: HeaderList): void; broken(error: unknown): void },
): void {
  response.on("data", (chunk: Buffer) => {
    on.progress();
    if (exchange.write(chunk)) return;
    response.pause();
    exchange.onDrain(() => response.resume());
  });
  response.on("end", () => on.end(response.rawTrailers));
  response.on("error", (error) => on.broken(error));
  response.on("close", () => {
    if (!response.readableEnded) on.broken(new Error("the answer was broken off"));
  });
}
