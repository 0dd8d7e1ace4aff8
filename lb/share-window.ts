import type { Clock } from "../runtime/clock.ts";
import type { UpstreamView } from "./balancer.ts";

const HALF_MS = 5000;

/** Who got how many tries lately: over the last 5 to 10 seconds, whoever asks and however often. */
export interface ShareWindow {
  count(upstream: string): void;
  /** The largest share over its configured share; undefined when nothing was sent to anybody who should get some. */
  skew(upstreams: readonly UpstreamView[]): number | undefined;
}

export function createShareWindow(clock: Clock): ShareWindow {
  let since = clock.now();
  let recent = new Map<string, number>();
  let before = new Map<string, number>();

  function turn(): void {
    const elapsed = clock.now() - since;
    if (elapsed < HALF_MS) return;
    before = elapsed < 2 * HALF_MS ? recent : new Map();
    recent = new Map();
    since += Math.floor(elapsed / HALF_MS) * HALF_MS;
  }

  return {
    count(upstream) {
      turn();
      recent.set(upstream, (recent.get(upstream) ?? 0) + 1);
    },
    skew(upstreams) {
      turn();
      const counts = upstreams.map(({ name }) => (recent.get(name) ?? 0) + (before.get(name) ?? 0));
      const total = counts.reduce((sum, count) => sum + count, 0);
      const ratios = upstreams.flatMap(({ configuredShare }, i) =>
        configuredShare > 0 ? (counts[i] ?? 0) / total / configuredShare : [],
      );
      return total === 0 || ratios.length === 0 ? undefined : Math.max(...ratios);
    },
  };
}
