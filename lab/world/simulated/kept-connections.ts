import type { Cancel, Clock } from "../../../runtime/clock.ts";
import { announcedMs, type KeepAlive } from "../../../backends/config.ts";
import { LATENCY_MS } from "./latency.ts";

/** A connection that idles between two requests, as its client sees it. */
export interface KeptConnection {
  /** How long its listener says that it keeps it; undefined where it does not say. */
  readonly announcedMs: number | undefined;
  /** The client takes it for a request. True: what is sent now still reaches who kept it; false: it is reset. */
  use(): boolean;
  /** The client closes it. */
  close(): void;
}

/** The idle connections of one listener. */
export interface KeptConnections {
  /** `broken` is called when the client hears that the listener has closed it. */
  keep(broken: () => void): KeptConnection;
  /** The listener closes all of them, now. */
  close(): void;
}

/**
 * Connections that their listener closes after they have idled for a time. The client hears of it one way later; what it sends
 * meanwhile, or sent so late that it comes after the close, meets a closed connection.
 */
export function createKeptConnections(clock: Clock, keepAlive: KeepAlive): KeptConnections {
  /** How to close each, by its listener. */
  const idle = new Set<() => void>();
  return {
    keep(broken) {
      // The answer was on its way for as long.
      const closesAt = clock.now() - LATENCY_MS + keepAlive.idleMs;
      let open = true;
      let cancel: Cancel = clock.after(keepAlive.idleMs, end);
      idle.add(closed);
      return { announcedMs: announcedMs(keepAlive), use, close: leave };

      function end(): void {
        leave();
        broken();
      }

      function closed(): void {
        leave();
        open = false;
        cancel = clock.after(LATENCY_MS, broken);
      }

      function leave(): void {
        cancel();
        idle.delete(closed);
      }

      function use(): boolean {
        leave();
        return open && clock.now() + LATENCY_MS < closesAt;
      }
    },
    close() {
      for (const closed of idle) closed();
    },
  };
}
