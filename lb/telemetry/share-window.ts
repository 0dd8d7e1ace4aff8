import type { Clock } from "../../runtime/clock.ts";
import type { UpstreamView } from "../balancer.ts";

const HALF_MS = 5000;

/** What one upstream got. */
export interface ShareCount {
  recent: number;
  before: number;
}

/** How many attempts each upstream got lately: over the last 5 to 10 seconds, however often it is read. */
export interface ShareWindow {
  /** The count of this upstream, which `count` then takes in place of its name. */
  of(upstream: string): ShareCount;
  count(upstream: ShareCount): void;
  /** The largest share over its configured share; undefined when nothing was sent to any upstream that should get some. */
  skew(upstreams: readonly UpstreamView[]): number | undefined;
}

export function createShareWindow(clock: Clock): ShareWindow {
  const counts = new Map<string, ShareCount>();
  let turnsAt = clock.now() + HALF_MS;

  function turn(): void {
    const late = clock.now() - turnsAt;
    if (late < 0) return;
    for (const count of counts.values()) {
      count.before = late < HALF_MS ? count.recent : 0;
      count.recent = 0;
    }
    turnsAt += (Math.floor(late / HALF_MS) + 1) * HALF_MS;
  }

  return {
    of(upstream) {
      let count = counts.get(upstream);
      if (!count) counts.set(upstream, (count = { recent: 0, before: 0 }));
      return count;
    },
    count(upstream) {
      turn();
      upstream.recent += 1;
    },
    skew(upstreams) {
      turn();
      let total = 0;
      const got = upstreams.map(({ name }) => {
        const count = counts.get(name);
        const attempts = count ? count.recent + count.before : 0;
        total += attempts;
        return attempts;
      });
      let skew: number | undefined;
      upstreams.forEach(({ configuredShare }, i) => {
        if (total === 0 || configuredShare <= 0) return;
        skew = Math.max(skew ?? 0, (got[i] ?? 0) / total / configuredShare);
      });
      return skew;
    },
  };
}
