import { createHistogram } from "node:perf_hooks";

/** Why a request has no answer. `lost`: the connection ended under it. */
export type NoAnswer = "refused" | "lost" | "timeouts";

/** What became of everything sent so far. sent = answered + refused + lost + timeouts + inFlight. */
export interface Totals {
  readonly sent: number;
  readonly answered: number;
  readonly refused: number;
  readonly lost: number;
  readonly timeouts: number;
  readonly inFlight: number;
  /** Refused, lost and timed out, and answers of 5xx. */
  readonly failed: number;
  /** Answers by status code. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Answers by the backend that gave them, where they name one. */
  readonly backends: Readonly<Record<string, BackendAnswers>>;
}

export interface BackendAnswers {
  readonly answered: number;
  /** Of these, 5xx. */
  readonly failed: number;
}

export interface Latencies {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** The counts of the load, since its start, and how long its answers took. */
export interface Tally {
  sent(): void;
  answered(status: number, ms: number, backend?: string): void;
  unanswered(why: NoAnswer): void;
  totals(): Totals;
  /** Milliseconds, of all answers, each counted once and as it was. Undefined without any. */
  latencies(): Latencies | undefined;
}

export function createTally(): Tally {
  // In microseconds, up to an hour.
  const histogram = createHistogram({ lowest: 1, highest: 3_600_000_000, figures: 3 });
  const counts = { sent: 0, answered: 0, refused: 0, lost: 0, timeouts: 0 };
  const statuses: Record<string, number> = {};
  const backends = new Map<string, { answered: number; failed: number }>();
  let serverErrors = 0;
  const milliseconds = (percentile: number) => histogram.percentile(percentile) / 1000;
  return {
    sent() {
      counts.sent += 1;
    },
    answered(status, ms, backend) {
      counts.answered += 1;
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (status >= 500) serverErrors += 1;
      if (backend !== undefined) {
        const theirs = backends.get(backend) ?? { answered: 0, failed: 0 };
        theirs.answered += 1;
        if (status >= 500) theirs.failed += 1;
        backends.set(backend, theirs);
      }
      histogram.record(Math.max(1, Math.round(ms * 1000)));
    },
    unanswered(why) {
      counts[why] += 1;
    },
    totals() {
      const { sent, answered, refused, lost, timeouts } = counts;
      const without = refused + lost + timeouts;
      return {
        ...counts,
        inFlight: sent - answered - without,
        failed: without + serverErrors,
        statuses: { ...statuses },
        backends: Object.fromEntries([...backends].map(([name, theirs]) => [name, { ...theirs }])),
      };
    },
    latencies() {
      if (counts.answered === 0) return undefined;
      return {
        p50: milliseconds(50),
        p95: milliseconds(95),
        p99: milliseconds(99),
        max: histogram.max / 1000,
      };
    },
  };
}
