import type { Cancel, Clock } from "../../runtime/clock.ts";
import type { PaceSet } from "../../scenarios/scenario.ts";
import type { Traffic } from "../judge/traffic.ts";
import { failedIn } from "../judge/window.ts";
import { GRACE_MS } from "./watch.ts";

/** Failed requests in a window before a step and in the one after it, 0..1. */
export interface Harm {
  readonly before: number;
  readonly after: number;
}

/** Measures what each step did to users, while their requests are still known. */
export interface HarmMeter {
  /** The change was made now: until its impact has settled, what gets worse is attributed to it. */
  changed(): void;
  /** A step was begun and is over (epoch ms). */
  stepped(begunAt: number, overAt: number): void;
  /** What hurt users among the steps so far, by when they were begun. */
  harms(): ReadonlyMap<number, Harm>;
  stop(): void;
}

export interface HarmMeterDeps {
  readonly clock: Clock;
  readonly traffic: Pick<Traffic, "records">;
  readonly pace: Pick<PaceSet, "impact">;
}

const WINDOW_MS = 10_000;
/** The worst window of this time is the baseline: incidents vary by themselves. */
const LOOK_BACK_MS = 30_000;
/** Of all requests: less may be chance, or a harmless restart. */
const MARGIN = 0.05;
const STANDARD_DEVIATIONS = 3;
/** Fewer requests say nothing. */
const ENOUGH = 30;

interface Share {
  readonly requests: number;
  readonly ratio: number;
}

export function createHarmMeter({ clock, traffic, pace }: HarmMeterDeps): HarmMeter {
  const found = new Map<number, Harm>();
  const pending = new Map<number, { readonly run: () => void; readonly cancel: Cancel }>();
  let changedAt: number | undefined;
  let lastOver = -Infinity;

  function share(from: number, to: number): Share {
    const records = traffic.records(from, to);
    const failed = records.filter(failedIn).length;
    return { requests: records.length, ratio: records.length === 0 ? 0 : failed / records.length };
  }

  /** The worst of the windows before, half of one apart. */
  function worstBefore(at: number): Share {
    const settledAt = changedAt === undefined ? 0 : changedAt + pace.impact.settleMs;
    // What an earlier step repaired is no longer the baseline.
    const since = at - lastOver < WINDOW_MS ? at - WINDOW_MS : Math.max(at - LOOK_BACK_MS, lastOver);
    const floor = at >= settledAt ? Math.max(since, settledAt) : at - WINDOW_MS;
    let worst = share(Math.max(floor, at - WINDOW_MS), at);
    for (let to = at - WINDOW_MS / 2; to - WINDOW_MS >= floor; to -= WINDOW_MS / 2) {
      const window = share(to - WINDOW_MS, to);
      if (window.ratio > worst.ratio) worst = window;
    }
    return at >= settledAt ? worst : { ...worst, ratio: Math.max(worst.ratio, untouched()) };
  }

  /** What the change alone may come to, by the scenario's own bands. */
  function untouched(): number {
    const stated = pace.impact.expectations.map(({ figure, max }) =>
      figure === "failedRequestRatio" || figure === "affectedUserRatio" ? (max ?? 1) : 0,
    );
    const most = Math.max(...stated);
    return most === 0 ? 1 : most;
  }

  function judge(begunAt: number, before: Share, overAt: number): void {
    pending.delete(begunAt);
    const after = share(overAt, overAt + WINDOW_MS);
    if (after.requests < ENOUGH) return;
    const error = Math.sqrt(
      (after.ratio * (1 - after.ratio)) / after.requests +
        (before.ratio * (1 - before.ratio)) / Math.max(ENOUGH, before.requests),
    );
    if (after.ratio - before.ratio > Math.max(MARGIN, STANDARD_DEVIATIONS * error))
      found.set(begunAt, { before: before.ratio, after: after.ratio });
  }

  return {
    changed: () => void (changedAt = clock.wall()),
    stepped(begunAt, overAt) {
      const before = worstBefore(begunAt);
      lastOver = Math.max(lastOver, overAt);
      const run = (): void => judge(begunAt, before, overAt);
      pending.set(begunAt, { run, cancel: clock.after(WINDOW_MS + GRACE_MS, run) });
    },
    harms() {
      for (const { run, cancel } of Array.from(pending.values())) {
        cancel();
        run();
      }
      return found;
    },
    stop: () => pending.forEach(({ cancel }) => cancel()),
  };
}
