import { every, type Cancel, type Clock } from "../../runtime/clock.ts";
import { createSubscribers, type Subscribers } from "../../runtime/subscribers.ts";
import type { PaceSet } from "../../scenarios/scenario.ts";
import { WINDOW_MS } from "../judge/impact.ts";
import { expectedLoad } from "../judge/offered.ts";
import { decisionTakes } from "../judge/streaks.ts";
import type { Traffic } from "../judge/traffic.ts";
import { judgeWindow, type Verdict } from "../judge/well.ts";

/** A request this long without an answer counts as failed, whatever its outcome: well past any p95 of steady state. */
export const GRACE_MS = 3000;
/** What a verdict on users takes: a window of 10 s, and the grace of its last requests. */
export const VERDICT_MS = WINDOW_MS + GRACE_MS;
/** A check waits no longer than this for single users. */
const DECIDABLE_MS = 60_000;

export interface WatchDeps {
  readonly clock: Clock;
  readonly traffic: Traffic;
  readonly pace: Pick<PaceSet, "steadyState" | "workload">;
  /** How long users wait at most: after it every request has an outcome. */
  readonly requestTimeoutMs: number;
  /** How often it looks. */
  readonly everyMs: number;
  /** When the last action was over (epoch ms); now, while one is under way. */
  readonly quietSince: () => number;
}

/** Judges users at every tick. */
export interface Watch {
  /** How long a check waits at most for requests of users without a success yet; 0 where users come too seldom for that. */
  readonly decideWithinMs: number;
  /** Users by the requests sent from `from` (epoch ms) until now. */
  wellness(from: number): Verdict;
  /** Counts the users' lost time from here on (epoch ms) ... */
  countLossFrom(at: number): void;
  /** ... until here. */
  countLossUntil(at: number): void;
  /** User-minutes lost per 1,000 users, by windows of 10 s. */
  readonly lost: number;
  onTick(run: () => void): Cancel;
  /** Resolves with the first defined value that `look` returns at a tick; undefined at the deadline. Rejects on abort. */
  until<T>(look: () => T | undefined, deadlineMs: number, signal: AbortSignal): Promise<T | undefined>;
  stop(): void;
}

export function createWatch({
  clock,
  traffic,
  pace: { steadyState: steady, workload },
  requestTimeoutMs,
  everyMs,
  quietSince,
}: WatchDeps): Watch {
  const ticks = createSubscribers<void>();
  const expected = expectedLoad(workload);
  const takes = decisionTakes(workload, requestTimeoutMs);
  // Users who come every few minutes meet a failure by chance as others do, and a check does not wait until they come
  // again: as long as they had only failures they count as affected.
  const decideWithinMs = takes <= DECIDABLE_MS ? takes : 0;
  const overdueMs = Math.max(GRACE_MS, 2 * Math.max(0, ...Object.values(steady.p95Ms)));
  let lostFrom: number | undefined;
  let lostTo = Infinity;

  const stop: Cancel = every(clock, everyMs, () => {
    // Once all is known of it, and no verdict can begin before it any more.
    traffic.settle(clock.wall() - requestTimeoutMs - VERDICT_MS);
    ticks.emit();
  });

  return {
    decideWithinMs,
    wellness(from) {
      const now = clock.wall();
      return judgeWindow(traffic.window(from, now), {
        steady,
        offered: traffic.offeredBy(from, now),
        expected,
        unanswered: traffic.unanswered(from, now - GRACE_MS),
        fates: () => traffic.fatesSince(quietSince()),
        decidable: decideWithinMs > 0,
        overdue: traffic.unanswered(quietSince(), now - overdueMs),
      });
    },
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
    onTick: ticks.add,
    until: async (look, deadlineMs, signal) => await atTick(ticks, look, { clock, deadlineMs, signal }),
    stop,
  };
}

/** Asks at each tick until there is an answer, or the deadline has passed. */
async function atTick<T>(
  ticks: Subscribers<void>,
  look: () => T | undefined,
  {
    clock,
    deadlineMs,
    signal,
  }: { readonly clock: Clock; readonly deadlineMs: number; readonly signal: AbortSignal },
): Promise<T | undefined> {
  return await new Promise<T | undefined>((resolve, reject) => {
    const end = clock.now() + deadlineMs;
    let unsubscribe: Cancel = () => {};
    const finish = (settle: () => void) => {
      unsubscribe();
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
    unsubscribe = ticks.add(tick);
  });
}
