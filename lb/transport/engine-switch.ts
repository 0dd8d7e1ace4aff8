import type { Clock } from "../../runtime/clock.ts";
import type { LiveExchange } from "../listener/exchange/live-exchange.ts";
import type { EngineName } from "./engines.ts";
import { createHttpProxyEngine } from "./http-proxy.ts";
import { createLiveTransport } from "./live-transport.ts";
import { createSocketsEngine } from "./sockets.ts";
import type { Transport } from "./transport.ts";
import { createUndiciEngine } from "./undici.ts";

/** A transport whose engine can be exchanged while requests are in flight: they end on the one they began on. */
export interface EngineSwitch extends Transport<LiveExchange> {
  use(engine: EngineName): void;
}

export function createEngineSwitch(engine: EngineName, deps: { readonly clock: Clock }): EngineSwitch {
  let name = engine;
  let current = createEngine(engine, deps);
  return {
    use(next) {
      if (next === name) return;
      const old = current;
      name = next;
      current = createEngine(next, deps);
      // Closes what idles; what is active closes as it ends.
      old.close();
    },
    send: (target, exchange, headers, events) => current.send(target, exchange, headers, events),
    check: (target, request, done) => current.check(target, request, done),
    counts: (target) => current.counts(target),
    forget: (target) => current.forget(target),
    close: () => current.close(),
  };
}

function createEngine(name: EngineName, deps: { readonly clock: Clock }): Transport<LiveExchange> {
  switch (name) {
    case "sockets":
      return createLiveTransport(createSocketsEngine(deps));
    case "undici":
      return createLiveTransport(createUndiciEngine(deps));
    case "http-proxy":
      return createLiveTransport(createHttpProxyEngine({}));
  }
}
