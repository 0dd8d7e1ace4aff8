import type { Cancel, Clock } from "../../runtime/clock.ts";
import type { Connection, ConnectionOptions, OpenConnection } from "./connection.ts";
import type { ConnectBackOff } from "./connect-back-off.ts";
import { createLaneTurns, everyRenewal } from "./lane-turns.ts";
import type { Tally } from "./tally.ts";

export interface LaneOptions extends Omit<ConnectionOptions, "sentAlready"> {
  readonly timeoutMs: number;
  /** Where in each second this lane sends, milliseconds from the clock's present moment. */
  readonly offsetMs: number;
}

export interface LaneDeps {
  readonly clock: Clock;
  readonly open: OpenConnection;
  /** Shared by all lanes of a load. */
  readonly backOff: ConnectBackOff;
  readonly tally: Tally;
}

/** A place in the second at which requests are sent, over one connection after another. */
export interface Lane {
  /** Sends nothing more; what is in flight may still be answered. */
  finish(): void;
  /** Ends everything at once. */
  stop(): void;
}

/**
 * Keeps one connection going. After a refusal, a loss or a timeout the next one is opened when this lane's turn comes
 * again and the connect back-off allows it, so that neither a closed port nor a broken service makes it spin.
 */
export function startLane(options: LaneOptions, { clock, open, backOff, tally }: LaneDeps): Lane {
  const turns = createLaneTurns(clock, options.offsetMs);
  let connection: Connection | undefined;
  let waiting = false;
  let finishing = false;
  let cancelOpen = clock.after(options.offsetMs, reopen);
  let cancelTimeout: Cancel = () => {};
  const cancelRenewal = everyRenewal(clock, options.offsetMs, () => connection?.finish());
  return {
    finish() {
      finishing = true;
      cancelOpen();
      cancelRenewal();
      connection?.finish();
    },
    stop() {
      finishing = true;
      cancelOpen();
      cancelRenewal();
      cancelTimeout();
      connection?.close();
    },
  };

  function reopen() {
    if (!backOff.mayTry()) return openAfter(turns.untilNext());
    connection = open(
      { ...options, sentAlready: turns.sent },
      {
        connected: () => backOff.accepted(),
        sent() {
          turns.countSent();
          waiting = true;
          tally.sent();
          cancelTimeout = clock.after(options.timeoutMs, timedOut);
        },
        answered(status, ms, backend) {
          settled();
          tally.answered(status, ms, backend);
        },
        ended(how) {
          const lost = waiting;
          settled();
          if (lost) tally.unanswered(how === "refused" ? "refused" : "lost");
          if (how === "refused") backOff.refused();
          connection = undefined;
          const turnNow = !lost && how === "closed" && turns.sent < options.requestsPerSecond;
          openAfter(turnNow ? 0 : turns.untilNext());
        },
      },
    );
  }

  function timedOut() {
    settled();
    tally.unanswered("timeouts");
    connection?.close();
    connection = undefined;
    openAfter(turns.untilNext());
  }

  function settled() {
    waiting = false;
    cancelTimeout();
  }

  function openAfter(ms: number) {
    if (!finishing) cancelOpen = clock.after(ms, reopen);
  }
}
