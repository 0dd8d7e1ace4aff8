import type { Cancel, Clock } from "../../runtime/clock.ts";
import type { Connection, ConnectionOptions, OpenConnection } from "./connection.ts";
import type { ConnectBackOff } from "./connect-back-off.ts";
import type { Tally } from "./tally.ts";

const SECOND_MS = 1000;
/** A connection is renewed this often: its timers drift, and after a pause of the process all would fire together. */
const RENEW_EVERY_SECONDS = 30;
/** A timer may fire this early: it belongs to the turn it was set for. */
const EARLY_MS = 5;

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
export function startLane(options: LaneOptions, deps: LaneDeps): Lane {
  const { clock, open, backOff, tally } = deps;
  const start = clock.now() + options.offsetMs;
  let connection: Connection | undefined;
  let waiting = false;
  let finishing = false;
  let second = 0;
  let sentThisSecond = 0;
  let cancelOpen = clock.after(options.offsetMs, reopen);
  let cancelTimeout: Cancel = () => {};
  let cancelRenewal = renewal();
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
    if (!backOff.mayTry()) return openAfter(untilTurn());
    turnSecond();
    connection = open(
      { ...options, sentAlready: sentThisSecond },
      {
        connected: () => backOff.accepted(),
        sent() {
          turnSecond();
          sentThisSecond += 1;
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
          turnSecond();
          const turnNow = !lost && how === "closed" && sentThisSecond < options.requestsPerSecond;
          openAfter(turnNow ? 0 : untilTurn());
        },
      },
    );
  }

  function timedOut() {
    settled();
    tally.unanswered("timeouts");
    connection?.close();
    connection = undefined;
    openAfter(untilTurn());
  }

  function settled() {
    waiting = false;
    cancelTimeout();
  }

  function openAfter(ms: number) {
    if (!finishing) cancelOpen = clock.after(ms, reopen);
  }

  function presentSecond(): number {
    return Math.floor((clock.now() - start + EARLY_MS) / SECOND_MS);
  }

  function turnSecond() {
    const present = presentSecond();
    if (present === second) return;
    second = present;
    sentThisSecond = 0;
  }

  /** Milliseconds until this lane's next turn. */
  function untilTurn(): number {
    return start + (presentSecond() + 1) * SECOND_MS - clock.now();
  }

  function renewal(): Cancel {
    // Halfway between two turns, when a connection with time to spare is idle.
    const dueMs = options.offsetMs + (RENEW_EVERY_SECONDS - 0.5) * SECOND_MS;
    let cancel = clock.after(dueMs, renew);
    return () => cancel();
    function renew() {
      cancel = clock.after(RENEW_EVERY_SECONDS * SECOND_MS, renew);
      connection?.finish();
    }
  }
}
