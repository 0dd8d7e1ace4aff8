export interface CrashSpec {
  readonly refusalsPerSecond: number;
  readonly forMs: number;
}

const WINDOW_MS = 1000;

/**
 * Decides when a server that keeps refusing crashes: more than `refusalsPerSecond` refusals in every sliding second of
 * `forMs` milliseconds. The returned function takes the time of each refusal in ms, and returns true for the one that breaks
 * the rule.
 */
export function createCrashRule(spec: CrashSpec): (now: number) => boolean {
  // There are more than N refusals in a window exactly when the last N + 1 fit into it.
  const latest = Array.from({ length: Math.floor(spec.refusalsPerSecond) + 1 }, () => -Infinity);
  let next = 0;
  let aboveSince: number | undefined;
  const above = (now: number) => (latest[next] ?? -Infinity) >= now - WINDOW_MS;

  return (now) => {
    // Before this refusal is counted, the slot to be overwritten holds the oldest: was the rate still above until now?
    if (!above(now)) aboveSince = undefined;
    latest[next] = now;
    next = (next + 1) % latest.length;
    if (above(now)) aboveSince ??= now;
    return aboveSince !== undefined && now - aboveSince >= spec.forMs;
  };
}
