import type { Cancel, Clock } from "../../runtime/clock.ts";

const SECOND_MS = 1000;
/** A connection is renewed this often: its timers drift, and after a pause of the process all would fire together. */
const RENEW_EVERY_SECONDS = 30;
/** A timer may fire this early: it belongs to the turn it was set for. */
const EARLY_MS = 5;

/** A lane's place in each second, and what it has sent in the present one. */
export interface LaneTurns {
  /** Requests sent since this lane's last turn. */
  readonly sent: number;
  countSent(): void;
  /** Milliseconds until this lane's next turn. */
  untilNext(): number;
}

/** Turns that begin `offsetMs` from now. */
export function createLaneTurns(clock: Clock, offsetMs: number): LaneTurns {
  const start = clock.now() + offsetMs;
  let second = 0;
  let sent = 0;
  const present = (): number => Math.floor((clock.now() - start + EARLY_MS) / SECOND_MS);

  function turn(): void {
    const now = present();
    if (now === second) return;
    second = now;
    sent = 0;
  }

  return {
    get sent() {
      turn();
      return sent;
    },
    countSent() {
      turn();
      sent += 1;
    },
    untilNext: () => start + (present() + 1) * SECOND_MS - clock.now(),
  };
}

/** Calls `renew` every 30 s, halfway between two turns, when a connection with time to spare is idle. */
export function everyRenewal(clock: Clock, offsetMs: number, renew: () => void): Cancel {
  let cancel = clock.after(offsetMs + (RENEW_EVERY_SECONDS - 0.5) * SECOND_MS, turn);
  return () => cancel();
  function turn() {
    cancel = clock.after(RENEW_EVERY_SECONDS * SECOND_MS, turn);
    renew();
  }
}
