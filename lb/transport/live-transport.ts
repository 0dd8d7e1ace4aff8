import type { LiveExchange } from "../listener/exchange/live-exchange.ts";
import type { Transport } from "./transport.ts";
import { sendUpgrade } from "./tunnel.ts";

/** An engine that leaves upgrades to the tunnel, which is the same for all engines. */
export function createLiveTransport(engine: Transport<LiveExchange>): Transport<LiveExchange> {
  return {
    ...engine,
    send: (target, exchange, headers, events) =>
      exchange.head.upgrade === undefined
        ? engine.send(target, exchange, headers, events)
        : sendUpgrade(target, exchange, headers, events),
  };
}
