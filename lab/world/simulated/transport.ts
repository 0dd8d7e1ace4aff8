import type { Cancel } from "../../../runtime/clock.ts";
import type { UpstreamRequest, UpstreamRequestEvents, Transport } from "../../../lb/transport/transport.ts";
import type { SimulatedExchange } from "./exchange.ts";
import type { NetworkEnd, Outcome, WireAnswer } from "./network.ts";
import type { Target } from "../../../lb/address.ts";

const REASON = "OK";
const NO_TRAILERS: readonly string[] = [];
const CHECK_HEADERS = ["user-agent", "balancer-health-check"];

/** Carries the balancer's requests over the modelled network. Connections are not kept: each request has its own. */
export function createSimulatedTransport(network: Pick<NetworkEnd, "send">): Transport<SimulatedExchange> {
  /** By port, those that are connected. */
  const active = new Map<number, Count>();
  function activeAt(port: number): Count {
    let found = active.get(port);
    if (!found) active.set(port, (found = { count: 0 }));
    return found;
  }

  return {
    send(target, exchange, headers, events) {
      const { head, requestBody } = exchange;
      const request = { method: head.method, target: head.target, headers, body: requestBody };
      const self: Sending = {
        exchange,
        events,
        port: target.port,
        activeAt,
        connections: undefined,
        over: false,
        cancel: undefined,
        connected,
        answered,
        failed,
        abort,
      };
      self.cancel = network.send(target, request, self);
      return self;
    },
    check(target, { path, host }, done) {
      const headers = host === undefined ? CHECK_HEADERS : [...CHECK_HEADERS, "host", host];
      const request = { method: "GET", target: path, headers, body: undefined };
      const self = {
        connected: false,
        cancel: network.send(target, request, {
          connected: () => void (self.connected = true),
          answered: ({ status }) => done({ kind: "answered", status, detail: `HTTP ${status}` }),
          failed: (kind) => done({ kind: kind === "cut" ? "reset" : kind, detail: SYSTEM_CODES[kind] }),
        }),
      };
      return self;
    },
    counts: ({ port }: Target) => ({ idle: 0, active: active.get(port)?.count ?? 0, reuses: 0 }),
    // Those that are active end by themselves, and are counted until then.
    forget({ port }) {
      if (active.get(port)?.count === 0) active.delete(port);
    },
    close() {},
  };
}

interface Count {
  count: number;
}

/** An attempt, and what hears of it. */
interface Sending extends UpstreamRequest, Outcome {
  readonly exchange: SimulatedExchange;
  readonly events: UpstreamRequestEvents;
  readonly port: number;
  readonly activeAt: (port: number) => Count;
  /** Where it counts as connected. */
  connections: Count | undefined;
  over: boolean;
  cancel: Cancel | undefined;
}

// Shared by all, and not made for each.
function connected(this: Sending): void {
  this.connections = this.activeAt(this.port);
  this.connections.count += 1;
  this.events.connected(false);
}

function answered(this: Sending, { status, headers, body }: WireAnswer): void {
  end(this);
  if (!this.events.head({ status, reason: REASON, headers })) return;
  this.exchange.relay(body);
  this.events.end(NO_TRAILERS);
}

function failed(this: Sending, kind: "refused" | "unreachable" | "cut"): void {
  end(this);
  const wasConnected = this.connections !== undefined;
  this.events.fail({
    kind: kind === "cut" ? "reset" : kind,
    requestSent: wasConnected,
    bodyConsumed: wasConnected && this.exchange.head.hasBody,
    reused: false,
    headReceived: false,
    detail: kind,
  });
}

function abort(this: Sending): void {
  if (this.over) return;
  end(this);
  this.cancel?.();
}

function end(self: Sending): void {
  self.over = true;
  if (self.connections) self.connections.count -= 1;
}

/** What a live health check says of the same. */
const SYSTEM_CODES = { refused: "ECONNREFUSED", unreachable: "EHOSTUNREACH", cut: "ECONNRESET" } as const;
