import type { Clock } from "../../../runtime/clock.ts";
import {
  createConnectionStore,
  IDLE_MS,
  type ConnectionStore,
  type PooledConnection,
} from "../../../lb/transport/connection-store.ts";
import type { UpstreamRequest, UpstreamRequestEvents, Transport } from "../../../lb/transport/transport.ts";
import type { SimulatedExchange } from "./exchange.ts";
import type { KeptConnection } from "./kept-connections.ts";
import type { NetworkEnd, Outcome, Sent, WireAnswer, WireRequest } from "./network.ts";
import type { Target } from "../../../lb/address.ts";

const REASON = "OK";
const NO_TRAILERS: readonly string[] = [];
const CHECK_HEADERS = ["user-agent", "balancer-health-check"];

/**
 * Carries the balancer's requests over the modelled network. Each request has a connection of its own, except to an upstream
 * that closes idle ones after a time: only there does keeping connections make a difference.
 */
export function createSimulatedTransport(
  network: Pick<NetworkEnd, "send" | "keptAt">,
  clock: Clock,
): Transport<SimulatedExchange> {
  const store = createConnectionStore<SimulatedConnection>({
    clock,
    idleMs: IDLE_MS,
    open: (_target, broken) => ({ broken, kept: undefined, destroy }),
  });
  const active = createActiveCounts();

  /** Sends on the connection that idled last, or on a new one, which is kept after the answer. */
  function sendKept(self: Sending, target: Target, request: WireRequest): Sent {
    const pooled = store.take(target);
    const { kept } = pooled.connection;
    self.reused = kept !== undefined;
    self.keeping = { store, pooled, keptAt: network.keptAt };
    const on = kept && (kept.use() ? "kept" : "lost");
    pooled.connection.kept = undefined;
    return network.send(target, request, self, on);
  }

  return {
    send(target, exchange, headers, events) {
      const { head, requestBody } = exchange;
      const request = { method: head.method, target: head.target, headers, body: requestBody };
      const self = new Sending(exchange, events, target.port, active.at);
      self.sent =
        network.keptAt(target.port) === undefined
          ? network.send(target, request, self)
          : sendKept(self, target, request);
      return self;
    },
    check: (target, request, done) => check(network, target, request, done),
    counts(target) {
      const { idle, reuses } = store.counts(target);
      return { idle, active: active.of(target.port), reuses };
    },
    forget(target) {
      active.forget(target.port);
      store.forget(target);
    },
    close: () => store.close(),
  };
}

interface Count {
  count: number;
}

/** Connected attempts by port. */
function createActiveCounts() {
  const active = new Map<number, Count>();
  return {
    at(port: number): Count {
      let found = active.get(port);
      if (!found) active.set(port, (found = { count: 0 }));
      return found;
    },
    of: (port: number): number => active.get(port)?.count ?? 0,
    /** Unless some are connected: they end by themselves, and are counted until then. */
    forget(port: number): void {
      if (active.get(port)?.count === 0) active.delete(port);
    },
  };
}

type Check = Transport<SimulatedExchange>["check"];

/** A health check, over a connection of its own. */
function check(network: Pick<NetworkEnd, "send">, ...[target, { path, host }, done]: Parameters<Check>) {
  const headers = host === undefined ? CHECK_HEADERS : [...CHECK_HEADERS, "host", host];
  const request = { method: "GET", target: path, headers, body: undefined };
  const sent = network.send(target, request, {
    connected: () => void (self.connected = true),
    answered: ({ status }) => done({ kind: "answered", status, detail: `HTTP ${status}` }),
    failed: (kind) => done({ kind: kind === "cut" ? "reset" : kind, detail: SYSTEM_CODES[kind] }),
  });
  const self = { connected: false, cancel: () => sent.leave() };
  return self;
}

/** A connection to an upstream that keeps it while it idles. */
interface SimulatedConnection {
  /** Called when its upstream has closed it while it was idle. */
  readonly broken: () => void;
  kept: KeptConnection | undefined;
  destroy(): void;
}

function destroy(this: SimulatedConnection): void {
  this.kept?.close();
}

/** What an attempt needs to put its connection back. */
interface Keeping {
  readonly store: ConnectionStore<SimulatedConnection>;
  readonly pooled: PooledConnection<SimulatedConnection>;
  readonly keptAt: NetworkEnd["keptAt"];
}

/** An attempt, and its listener. A class: every request has one. */
class Sending implements UpstreamRequest, Outcome {
  /** Its request on the network. */
  sent: Sent | undefined = undefined;
  /** Undefined where its connection is for this request only. */
  keeping: Keeping | undefined = undefined;
  reused = false;
  private readonly exchange: SimulatedExchange;
  private readonly events: UpstreamRequestEvents;
  private readonly port: number;
  private readonly activeAt: (port: number) => Count;
  /** Where it counts as connected. */
  private connections: Count | undefined = undefined;
  private over = false;

  constructor(
    exchange: SimulatedExchange,
    events: UpstreamRequestEvents,
    port: number,
    activeAt: (port: number) => Count,
  ) {
    this.exchange = exchange;
    this.events = events;
    this.port = port;
    this.activeAt = activeAt;
  }

  connected(): void {
    this.connections = this.activeAt(this.port);
    this.connections.count += 1;
    this.events.connected(this.reused);
  }

  answered(answer: WireAnswer): void {
    this.end(true);
    const { status, headers } = answer;
    if (!this.events.head({ status, reason: REASON, headers })) return;
    this.exchange.relay(answer);
    this.events.end(NO_TRAILERS);
  }

  failed(kind: "refused" | "unreachable" | "cut"): void {
    this.end(false);
    const wasConnected = this.connections !== undefined;
    this.events.fail({
      kind: kind === "cut" ? "reset" : kind,
      requestSent: wasConnected,
      bodyConsumed: wasConnected && this.exchange.head.hasBody,
      reused: this.reused,
      headReceived: false,
      detail: kind,
    });
  }

  abort(): void {
    if (this.over) return;
    this.end(false);
    this.sent?.leave();
  }

  private end(whole: boolean): void {
    this.over = true;
    if (this.connections) this.connections.count -= 1;
    if (this.keeping) putBack(this.keeping, this.port, whole);
  }
}

/** A connection is kept again when it carried a whole answer. */
function putBack({ store, pooled, keptAt }: Keeping, port: number, whole: boolean): void {
  const { connection } = pooled;
  const kept = whole ? keptAt(port)?.keep(connection.broken) : undefined;
  if (kept === undefined) return store.discard(pooled);
  connection.kept = kept;
  store.release(pooled, kept.announcedMs);
}

/** The detail that a live health check reports for each kind. */
const SYSTEM_CODES = { refused: "ECONNREFUSED", unreachable: "EHOSTUNREACH", cut: "ECONNRESET" } as const;
