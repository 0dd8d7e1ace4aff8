import { every, type Cancel, type Clock } from "../../runtime/clock.ts";
import type { SteadyState } from "../../scenarios/scenario.ts";
import { WINDOW_MS } from "../judge/impact.ts";
import type { Traffic } from "../judge/traffic.ts";
import { judgeWindow, type Wellness } from "../judge/well.ts";

/** A request this long without an answer is no answer, whatever it comes to: well past any p95 of steady state. */
export const GRACE_MS = 3000;
const TICK_MS = 500;

export interface WatchDeps {
  readonly clock: Clock;
  readonly traffic: Traffic;
  readonly steady: SteadyState;
}

/** Keeps an eye on users, twice a second. */
export interface Watch {
  /** Users by the requests sent from `from` (epoch ms) until now. */
  wellness(from: number): Wellness;
  /** Offered load that counts as usual, requests a second. Until it is set, any load does. */
  setBaseline(requestsPerSecond: number): void;
  /** Counts the users' lost time from here on. */
  countLossFrom(at: number): void;
  /** User-minutes lost per 1,000 users, over the whole 10 s windows that have passed. */
  readonly lost: number;
  onTick(run: () => void): void;
  /** Resolves with the first defined value that `look` returns at a tick; undefined at the deadline. Rejects on abort. */
  until<T>(look: () => T | undefined, deadlineMs: number, signal: AbortSignal): Promise<T | undefined>;
  stop(): void;
}

export function createWatch({ clock, traffic, steady }: WatchDeps): Watch {
  const listeners: (() => void)[] = [];
  let baseline = 0;
  let lostFrom: number | undefined;
  let lost = 0;
  const stop: Cancel = every(clock, TICK_MS, () => {
    const now = clock.wall();
    while (lostFrom !== undefined && now >= lostFrom + WINDOW_MS + GRACE_MS) {
      lost += (traffic.window(lostFrom, lostFrom + WINDOW_MS).affectedRatio * 1000 * WINDOW_MS) / 60_000;
      lostFrom += WINDOW_MS;
    }
    for (const run of listeners) run();
  });
  return {
    wellness(from) {
      const now = clock.wall();
      return judgeWindow(traffic.window(from, now), {
        steady,
        offered: { now: traffic.offered(from, now), baseline },
        unanswered: traffic.unanswered(from, now - GRACE_MS),
      });
    },
    setBaseline: (requestsPerSecond) => void (baseline = requestsPerSecond),
    countLossFrom: (at) => void (lostFrom = at),
    get lost() {
      return lost;
    },
    onTick: (run) => void listeners.push(run),
    until(look, deadlineMs, signal) {
      return new Promise((resolve, reject) => {
        const end = clock.now() + deadlineMs;
        const finish = (settle: () => void) => {
          listeners.splice(listeners.indexOf(tick), 1);
          signal.removeEventListener("abort", onAbort);
          settle();
        };
        const onAbort = () => finish(() => reject(signal.reason as Error));
        const tick = () => {
          const value = look();
          if (value !== undefined || clock.now() >= end) finish(() => resolve(value));
        };
        if (signal.aborted) return reject(signal.reason as Error);
        signal.addEventListener("abort", onAbort, { once: true });
        listeners.push(tick);
      });
    },
    stop,
  };
}
