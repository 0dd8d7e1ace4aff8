import { createHistogram } from "node:perf_hooks";

/** Milliseconds. */
export interface LatencySummary {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** How long answers took, each counted once, uncorrected. */
export interface Latencies {
  record(ms: number): void;
  /** Undefined without any. */
  summary(): LatencySummary | undefined;
}

export function createLatencies(): Latencies {
  // In microseconds, up to an hour.
  const histogram = createHistogram({ lowest: 1, highest: 3_600_000_000, figures: 3 });
  const milliseconds = (percentile: number) => histogram.percentile(percentile) / 1000;
  return {
    record: (ms) => histogram.record(Math.max(1, Math.round(ms * 1000))),
    summary() {
      if (histogram.count === 0) return undefined;
      return {
        p50: milliseconds(50),
        p95: milliseconds(95),
        p99: milliseconds(99),
        max: histogram.max / 1000,
      };
    },
  };
}
