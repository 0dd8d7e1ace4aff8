/** Why a request has no answer. `lost`: the connection ended under it. */
export type NoAnswer = "refused" | "lost" | "timeouts";

/** Outcomes of everything sent so far. sent = answered + refused + lost + timeouts + inFlight. */
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

/** The counts of the load, since its start. */
export interface Tally {
  sent(): void;
  answered(status: number, ms: number, backend?: string): void;
  unanswered(why: NoAnswer): void;
  totals(): Totals;
}

/** `onLatency` gets the milliseconds that each answer took. */
export function createTally(onLatency: (ms: number) => void = () => {}): Tally {
  const counts = { sent: 0, answered: 0, refused: 0, lost: 0, timeouts: 0 };
  const statuses: Record<string, number> = {};
  const backends = new Map<string, { answered: number; failed: number }>();
  let serverErrors = 0;
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
      onLatency(ms);
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
  };
}
