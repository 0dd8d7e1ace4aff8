import type { Cancel } from "../../../runtime/clock.ts";
import type { AnswerFacts } from "../../../runtime/answer-facts.ts";
import type { KeepAlive } from "../../../backends/config.ts";
import type { HeaderList } from "../../../lb/exchange.ts";
import { converse, createConversations, createEnd, type Listener } from "./conversation.ts";
import { createKeptConnections, type KeptConnections } from "./kept-connections.ts";
import { LATENCY_MS } from "./latency.ts";
import type { VirtualClock } from "./virtual-time.ts";

/** One request on the modelled network, sent as a whole, as everything small is. */
export interface WireRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: HeaderList;
  readonly body: string | undefined;
}

export interface WireBody {
  readonly body: string;
  /** What a backend's body says, as values: whoever reads it need not parse it. Undefined of all others' bodies. */
  readonly said?: AnswerFacts | undefined;
}

export interface WireAnswer extends WireBody {
  readonly status: number;
  readonly headers: HeaderList;
}

/**
 * A request as it reaches the listener. One of `answer` and `cut` ends it; both do nothing once it has ended. They are to
 * be called on it.
 */
export interface Incoming {
  readonly request: WireRequest;
  answer(answer: WireAnswer): void;
  /** Breaks the connection. */
  cut(): void;
  /** `run` is called when the client leaves before it has an answer. */
  onGone(run: () => void): void;
}

/** What the sender of a request is notified of: a connection, and then an answer; or a failure instead of either. */
export interface Outcome {
  connected?(): void;
  answered(answer: WireAnswer): void;
  /** `refused`, `unreachable`: there never was a connection. `cut`: it broke. */
  failed(kind: "refused" | "unreachable" | "cut"): void;
}

/** The condition of the link to a port, for requests from now on. Defaults: open, after `LATENCY_MS`. */
export interface LinkCondition {
  /** One way. */
  readonly latencyMs?: number;
  /** `lost`: nothing comes back, ever. `reset`: the connection breaks as soon as something is sent. */
  readonly fate?: "open" | "refused" | "reset" | "lost";
}

/** A request that was sent. */
export interface Sent {
  /** Its client no longer wants an answer. */
  leave(): void;
}

/** One process's access to the network. */
export interface NetworkEnd {
  /**
   * Throws an error with the system's code (`EADDRINUSE`) when the port is taken. Returns its Cancel. Without
   * `keepAlive` each connection is for one request.
   */
  bind(port: number, serve: (incoming: Incoming) => void, keepAlive?: KeepAlive): Cancel;
  /**
   * Sends on a new connection, or on a kept one, which may be lost. Once its client has left it reports nothing more, and
   * the listener sees that.
   */
  send(
    to: { readonly host: string; readonly port: number },
    request: WireRequest,
    outcome: Outcome,
    on?: "kept" | "lost",
  ): Sent;
  /** The connections that idle at a port; undefined where none are kept. */
  keptAt(port: number): KeptConnections | undefined;
  /** Requests that were received and have no answer yet. */
  serving(): number;
  /** The process is gone: its ports are free and its connections broken. */
  close(): void;
}

export interface Network {
  /** The access of a process with this name. */
  attach(name: string): NetworkEnd;
  /** Name of the process that listens on the port. */
  holder(port: number): string | undefined;
  /** Puts a condition on the link of one process, or of all, to a port. Returns what removes it. */
  condition(from: string | undefined, port: number, condition: LinkCondition): Cancel;
}

const OPEN: Required<LinkCondition> = { latencyMs: LATENCY_MS, fate: "open" };

/** A machine's own network: ports, connections that are refused or break, and latency. */
export function createNetwork({ clock }: { readonly clock: VirtualClock }): Network {
  const listeners = new Map<number, Listener>();
  const conditions = new Map<string, Required<LinkCondition>>();
  const underWay = createConversations();
  const deps = { clock, listeners, underWay };

  const linkOf = (from: string, port: number): Required<LinkCondition> =>
    conditions.size === 0 ? OPEN : (conditions.get(`${from}>${port}`) ?? conditions.get(`>${port}`) ?? OPEN);

  return {
    attach(name) {
      const end = createEnd(name);
      return {
        bind(port, serve, keepAlive) {
          const holder = listeners.get(port);
          if (holder || !end.alive)
            throw Object.assign(new Error(`listen EADDRINUSE: address already in use 127.0.0.1:${port}`), {
              code: "EADDRINUSE",
            });
          const kept = keepAlive && createKeptConnections(clock, keepAlive);
          listeners.set(port, { end, serve, kept });
          end.ports.add(port);
          return () => {
            if (listeners.get(port)?.end === end) listeners.delete(port);
            end.ports.delete(port);
            kept?.close();
          };
        },
        send({ host, port }, request, outcome, on) {
          if (host !== "127.0.0.1" && host !== "localhost")
            return { leave: clock.after(LATENCY_MS, () => outcome.failed("unreachable")) };
          const link = linkOf(name, port);
          if (on === undefined) return converse(end, port, request, outcome, link, deps);
          const kept: Required<LinkCondition> = on === "lost" ? { ...link, fate: "reset" } : link;
          return converse(end, port, request, outcome, kept, deps, 1);
        },
        serving: () => end.serving,
        keptAt: (port) => listeners.get(port)?.kept,
        close() {
          end.alive = false;
          for (const port of end.ports) {
            listeners.get(port)?.kept?.close();
            listeners.delete(port);
          }
          end.ports.clear();
          underWay.end(end);
        },
      };
    },
    holder: (port) => listeners.get(port)?.end.name,
    condition(from, port, condition) {
      const key = `${from ?? ""}>${port}`;
      const given = { ...OPEN, ...condition };
      conditions.set(key, given);
      return () => {
        if (conditions.get(key) === given) conditions.delete(key);
      };
    },
  };
}
