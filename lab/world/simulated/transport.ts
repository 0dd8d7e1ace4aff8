import type { Target, Transport } from "../../../lb/transport/transport.ts";
import type { SimulatedExchange } from "./exchange.ts";
import type { NetworkEnd } from "./network.ts";

const REASON = "OK";
const NO_TRAILERS: readonly string[] = [];
const CHECK_HEADERS = ["user-agent", "balancer-health-check"];

/** Carries the balancer's requests over the modelled network. Connections are not kept: each request has its own. */
export function createSimulatedTransport(network: Pick<NetworkEnd, "send">): Transport<SimulatedExchange> {
  /** By port, those that are connected. */
  const active = new Map<number, { count: number }>();
  function activeAt(port: number): { count: number } {
    let found = active.get(port);
    if (!found) active.set(port, (found = { count: 0 }));
    return found;
  }

  return {
    send(target, exchange, headers, events) {
      const { head, requestBody } = exchange;
      let connections: { count: number } | undefined;
      let over = false;
      function end(): void {
        over = true;
        if (connections) connections.count -= 1;
      }
      const cancel = network.send(
        target,
        { method: head.method, target: head.target, headers, body: requestBody },
        {
          connected() {
            connections = activeAt(target.port);
            connections.count += 1;
            events.connected(false);
          },
          answered({ status, headers: fields, body }) {
            end();
            if (!events.head({ status, reason: REASON, headers: fields })) return;
            exchange.relay(body);
            events.end(NO_TRAILERS);
          },
          failed(kind) {
            end();
            const connected = connections !== undefined;
            events.fail({
              kind: kind === "cut" ? "reset" : kind,
              requestSent: connected,
              bodyConsumed: connected && head.hasBody,
              reused: false,
              headReceived: false,
              detail: kind,
            });
          },
        },
      );
      return {
        abort() {
          if (over) return;
          end();
          cancel();
        },
      };
    },
    check(target, path, done) {
      const request = { method: "GET", target: path, headers: CHECK_HEADERS, body: undefined };
      return network.send(target, request, {
        answered: ({ status }) => done(status, `HTTP ${status}`),
        failed: (kind) => done(undefined, SYSTEM_CODES[kind]),
      });
    },
    counts: ({ port }: Target) => ({ idle: 0, active: active.get(port)?.count ?? 0, reuses: 0 }),
    // Those that are active end by themselves, and are counted until then.
    forget({ port }) {
      if (active.get(port)?.count === 0) active.delete(port);
    },
    close() {},
  };
}

/** What a live health check says of the same. */
const SYSTEM_CODES = { refused: "ECONNREFUSED", unreachable: "EHOSTUNREACH", cut: "ECONNRESET" } as const;
