import { every, type Cancel, type Clock } from "../../../runtime/clock.ts";
import { between, type ServiceCounts } from "../../telemetry/service-meter.ts";
import { compareService, type Comparison } from "./compare-service.ts";
import type { WatchOptions } from "./options.ts";

/** What became of a version that was watched. */
export type WatchVerdict =
  | { readonly verdict: "baked" }
  | { readonly verdict: "worse"; readonly because: string }
  /** Too few requests to tell. */
  | { readonly verdict: "inconclusive"; readonly because: string };

export interface WatchDeps {
  readonly clock: Clock;
  /** Cumulative counts. */
  readonly counts: () => ServiceCounts;
  /** Called for each version once; for one that is worse again at each interval, until the watch begins anew or ends. */
  readonly onVerdict: (version: number, verdict: WatchVerdict) => void;
}

/** Compares what users get after a change with what they got before it, until the version has baked. */
export interface Watch {
  /** The version that is watched; undefined: none. */
  readonly version: number | undefined;
  /** A version has taken effect. `as`: `before` goes on to be what counted before the last change. */
  begin(version: number, as?: "before"): void;
  /** Ends the watch without a verdict, and all timers. */
  stop(): void;
}

/** Readings that are kept: the time before a change is the last bake time, or so many intervals. */
const KEPT = 120;

interface Watched {
  readonly version: number;
  readonly sinceMs: number;
  readonly before: ServiceCounts | undefined;
  /** The reading at the change. */
  readonly at: ServiceCounts;
  /** Later readings, oldest first. */
  readonly later: ServiceCounts[];
  worseInARow: number;
}

export function createWatch(options: WatchOptions, { clock, counts, onVerdict }: WatchDeps): Watch {
  const { bakeMs, intervalMs, minRequests, intervals } = options;
  /** Readings of the time before a change. */
  let readings: ServiceCounts[] = [counts()];
  let watched: Watched | undefined;
  const cancel: Cancel = every(clock, intervalMs, turn);
  const kept = Math.max(1, Math.min(KEPT, Math.ceil(bakeMs / intervalMs)));

  function turn(): void {
    const now = counts();
    if (watched) judge(watched, now);
    readings.push(now);
    readings = readings.slice(-kept - 1);
  }

  function judge(one: Watched, now: ServiceCounts): void {
    const comparison = compareLatest(one, now);
    one.later.push(now);
    if (one.later.length > kept) one.later.shift();
    one.worseInARow = comparison.verdict === "worse" ? one.worseInARow + 1 : 0;
    if (comparison.verdict === "worse") {
      if (one.worseInARow >= intervals) onVerdict(one.version, comparison);
      return;
    }
    if (clock.now() - one.sinceMs < bakeMs) return;
    watched = undefined;
    const { requests } = between(one.at, now);
    onVerdict(
      one.version,
      requests >= minRequests
        ? { verdict: "baked" }
        : { verdict: "inconclusive", because: `only ${requests} requests came in its bake time` },
    );
  }

  /** By the shortest time up to now that has enough requests: what is well by now was not well at the beginning, and the other way round. */
  function compareLatest({ at, later, before }: Watched, now: ServiceCounts): Comparison {
    const from = later.findLast((one) => now.requests - one.requests >= minRequests) ?? at;
    const latest = compareService(before, between(from, now), options);
    // p95 takes more requests than a short time has.
    return latest.verdict === "worse"
      ? latest
      : compareService(before, between(wider(later, now) ?? at, now), options);
  }

  const wider = (later: readonly ServiceCounts[], now: ServiceCounts): ServiceCounts | undefined =>
    later.findLast((one) => now.requests - one.requests >= Math.max(minRequests, 100));

  return {
    get version() {
      return watched?.version;
    },
    begin(version, as) {
      const now = counts();
      const [oldest = now] = readings;
      const before = as === "before" && watched ? watched.before : between(oldest, now);
      watched = { version, sinceMs: clock.now(), before, at: now, later: [], worseInARow: 0 };
    },
    stop() {
      watched = undefined;
      cancel();
    },
  };
}
