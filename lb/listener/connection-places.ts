import type { Socket } from "node:net";
import type { Clock } from "../../runtime/clock.ts";
import type { Log } from "../../runtime/log.ts";
import { createRateMeter } from "../telemetry/rate-meter.ts";
import type { ListenerCounts } from "../balancer.ts";

/** What all listeners of a process may have open together. */
export interface ConnectionBudget {
  readonly limit: number;
  open: number;
}

/** The places that a listener has for connections, and what is counted of those that have one. */
export interface ConnectionPlaces {
  /** Gives a new connection a place until it is closed. False: there is none. */
  take(socket: Socket): boolean;
  /** Undefined: no limit but the budget. */
  limit(max: number | undefined): void;
  read(): ListenerCounts;
}

/** What is needed beside clients and their upstreams: standard streams, listeners, logs, the admin interface, health checks. */
const RESERVED = 64;
/** More than any listener has had: used for no limit. */
const MANY = 1_000_000;

/** How many client connections so many descriptors are enough for: each may need another one to an upstream. */
export function connectionsFor(descriptors: number | undefined): number {
  if (descriptors === undefined || descriptors === Infinity) return MANY;
  return Math.max(1, Math.floor((descriptors - RESERVED) / 2));
}

export function createConnectionPlaces(
  name: string,
  budget: ConnectionBudget,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): ConnectionPlaces {
  const sockets = new Set<Socket>();
  const arrivals = createRateMeter(clock);
  let max: number | undefined;
  let [peak, refused, bytesIn, bytesOut] = [0, 0, 0, 0];
  let full = false;

  const limit = () => Math.min(max ?? budget.limit, budget.limit);

  /** Reported once for as long as it lasts: refused clients come again at once. */
  function reportFull(is: boolean): void {
    if (full === is) return;
    full = is;
    const facts = { listener: name, open: sockets.size, limit: limit(), ofAll: budget.open };
    if (is) log.warn(facts, `listener ${name} has no place left: new connections are closed`);
    else log.info(facts, `listener ${name} has places again`);
  }

  function left(socket: Socket): void {
    sockets.delete(socket);
    budget.open -= 1;
    bytesIn += socket.bytesRead;
    bytesOut += socket.bytesWritten;
    // Not at the first free place: the next client takes it at once.
    if (full && sockets.size <= 0.9 * limit() && budget.open <= 0.9 * budget.limit) reportFull(false);
  }

  return {
    take(socket) {
      if (sockets.size >= limit() || budget.open >= budget.limit) {
        refused += 1;
        reportFull(true);
        return false;
      }
      arrivals.count();
      sockets.add(socket);
      budget.open += 1;
      peak = Math.max(peak, sockets.size);
      socket.once("close", () => left(socket));
      return true;
    },
    limit(next) {
      max = next;
    },
    read() {
      let [received, sent] = [bytesIn, bytesOut];
      for (const socket of sockets) {
        received += socket.bytesRead;
        sent += socket.bytesWritten;
      }
      return {
        open: sockets.size,
        peak,
        maxConnections: limit(),
        ...arrivals.read(),
        bytesIn: received,
        bytesOut: sent,
        refused,
      };
    },
  };
}
