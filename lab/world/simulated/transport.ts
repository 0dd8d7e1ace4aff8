import type { Cancel, Clock } from "../../../runtime/clock.ts";
import {
  createConnectionStore,
  IDLE_MS,
  type ConnectionStore,
  type PooledConnection,
} from "../../../lb/transport/connection-store.ts";
import type { UpstreamRequest, UpstreamRequestEvents, Transport } from "../../../lb/transport/transport.ts";
import type { SimulatedExchange } from "./exchange.ts";
import type { KeptConnection } from "./kept-connections.ts";
import type { NetworkEnd, Outcome, WireAnswer, WireRequest } from "./network.ts";
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
  const activeAt = active.at;

  /** Sends on the connection that idled last, or on a new one, which is kept after the answer. */
  function sendKept(self: Sending, target: Target, request: WireRequest): void {
    const pooled = store.take(target);
    const { kept } = pooled.connection;
    self.reused = kept !== undefined;
    self.keeping = { store, pooled, keptAt: network.keptAt };
    const on = kept && (kept.use() ? "kept" : "lost");
    pooled.connection.kept = undefined;
    self.cancel = network.send(target, request, self, on);
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
        keeping: undefined,
        reused: false,
        over: false,
        cancel: undefined,
        connected,
        answered,
        failed,
        abort,
      };
      if (network.keptAt(target.port) === undefined) self.cancel = network.send(target, request, self);
      else sendKept(self, target, request);
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
  const self = {
    connected: false,
    cancel: network.send(target, request, {
      connected: () => void (self.connected = true),
      answered: ({ status }) => done({ kind: "answered", status, detail: `HTTP ${status}` }),
      failed: (kind) => done({ kind: kind === "cut" ? "reset" : kind, detail: SYSTEM_CODES[kind] }),
    }),
  };
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

/** An attempt, and its listeners. */
interface Sending extends UpstreamRequest, Outcome {
  readonly exchange: SimulatedExchange;
  readonly events: UpstreamRequestEvents;
  readonly port: number;
  readonly activeAt: (port: number) => Count;
  /** Where it counts as connected. */
  connections: Count | undefined;
  /** Undefined where its connection is for this request only. */
  keeping: Keeping | undefined;
  reused: boolean;
  over: boolean;
  cancel: Cancel | undefined;
}

// Shared by all attempts, instead of closures for each.
function connected(this: Sending): void {
  this.connections = this.activeAt(this.port);
  this.connections.count += 1;
  this.events.connected(this.reused);
}

function answered(this: Sending, { status, headers, body }: WireAnswer): void {
  end(this, true);
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
    reused: this.reused,
    headReceived: false,
    detail: kind,
  });
}

function abort(this: Sending): void {
  if (this.over) return;
  end(this);
  this.cancel?.();
}

function end(self: Sending, whole = false): void {
  self.over = true;
  if (self.connections) self.connections.count -= 1;
  if (self.keeping) putBack(self.keeping, self.port, whole);
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
