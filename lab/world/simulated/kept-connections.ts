import type { Cancel, Clock } from "../../../runtime/clock.ts";
import { announcedMs, type KeepAlive } from "../../../backends/config.ts";
import { LATENCY_MS } from "./latency.ts";

/** A connection that idles between two requests, as its client sees it. */
export interface KeptConnection {
  /** The idle timeout that its listener announces; undefined where it announces none. */
  readonly announcedMs: number | undefined;
  /** The client takes it for a request. True: what is sent now still reaches the listener; false: it is reset. */
  use(): boolean;
  /** The client closes it. */
  close(): void;
}

/** The idle connections of one listener. */
export interface KeptConnections {
  /** `broken` is called when the client learns that the listener has closed it. */
  keep(broken: () => void): KeptConnection;
  /** The listener closes all of them, now. */
  close(): void;
}

/**
 * Connections that their listener closes after an idle timeout. The client learns of it one latency later; what it sends
 * meanwhile, or sent so late that it arrives after the close, meets a closed connection.
 */
export function createKeptConnections(clock: Clock, keepAlive: KeepAlive): KeptConnections {
  /** The listener's function to close each. */
  const idle = new Set<() => void>();
  return {
    keep(broken) {
      // The answer was on its way for one latency.
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
