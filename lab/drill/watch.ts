import { every, type Cancel, type Clock } from "../../runtime/clock.ts";
import type { SteadyState } from "../../scenarios/scenario.ts";
import { WINDOW_MS } from "../judge/impact.ts";
import type { Traffic } from "../judge/traffic.ts";
import { judgeWindow, type Wellness } from "../judge/well.ts";

/** A request this long without an answer is no answer, whatever it comes to: well past any p95 of steady state. */
export const GRACE_MS = 3000;
/** What a verdict on users takes: a window of 10 s whose requests have all had their time. */
export const VERDICT_MS = WINDOW_MS + GRACE_MS;

export interface WatchDeps {
  readonly clock: Clock;
  readonly traffic: Traffic;
  readonly steady: SteadyState;
  /** How long users wait at most: after it every request has come to something. */
  readonly patienceMs: number;
  /** How often it looks. */
  readonly everyMs: number;
}

/** Keeps an eye on users. */
export interface Watch {
  /** Users by the requests sent from `from` (epoch ms) until now. */
  wellness(from: number): Wellness;
  /** Offered load that counts as usual, requests a second. Until it is set, any load does. */
  setBaseline(requestsPerSecond: number): void;
  /** Counts the users' lost time from here on (epoch ms) ... */
  countLossFrom(at: number): void;
  /** ... until here. */
  countLossUntil(at: number): void;
  /** User-minutes lost per 1,000 users, by windows of 10 s. */
  readonly lost: number;
  onTick(run: () => void): void;
  /** Resolves with the first defined value that `look` returns at a tick; undefined at the deadline. Rejects on abort. */
  until<T>(look: () => T | undefined, deadlineMs: number, signal: AbortSignal): Promise<T | undefined>;
  stop(): void;
}

export function createWatch({ clock, traffic, steady, patienceMs, everyMs }: WatchDeps): Watch {
  const listeners = new Set<() => void>();
  let baseline = 0;
  let lostFrom: number | undefined;
  let lostTo = Infinity;

  const stop: Cancel = every(clock, everyMs, () => {
    // Once all is known of it, and no verdict can begin before it any more.
    traffic.settle(clock.wall() - patienceMs - VERDICT_MS);
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
    countLossFrom(at) {
      traffic.cut(at);
      lostFrom = at;
    },
    countLossUntil(at) {
      traffic.cut(at);
      lostTo = at;
    },
    get lost() {
      if (lostFrom === undefined) return 0;
      let lost = 0;
      for (const { from, to, affectedRatio } of traffic.notes(Math.min(lostTo, clock.wall())))
        if (from >= lostFrom) lost += (affectedRatio * 1000 * (to - from)) / 60_000;
      return lost;
    },
    onTick: (run) => void listeners.add(run),
    until(look, deadlineMs, signal) {
      return new Promise((resolve, reject) => {
        const end = clock.now() + deadlineMs;
        const finish = (settle: () => void) => {
          listeners.delete(tick);
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
        listeners.add(tick);
      });
    },
    stop,
  };
}
