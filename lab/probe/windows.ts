import { createVerdicts } from "./affected.ts";
import type { ProbeRecord } from "./record.ts";
import { createSeconds } from "./seconds.ts";

export const WINDOW_MS = 10_000;

/** Ten seconds of users' requests, or less where something began or ended. Epoch ms. */
export interface SettledWindow {
  readonly from: number;
  readonly to: number;
  /** Requests sent in it. */
  readonly records: readonly ProbeRecord[];
  /** Users affected in it, 0..1. */
  readonly affectedRatio: number;
}

/**
 * Users' requests, parted into windows of 10 s by when they were sent. A window is settled once all of its requests have
 * an outcome; of older ones that are no longer kept, only the verdicts remain. Memory is bounded by the rate of requests,
 * whatever time passes.
 */
export interface Windows {
  add(records: readonly ProbeRecord[]): void;
  /** Requests that were sent from `from` on and before `to`, as far as they have ended and are kept. */
  records(from: number, to: number): ProbeRecord[];
  /** Reads who is affected between two moments, of which the first lies after what is settled. */
  affected<T>(from: number, to: number, read: (users: AffectedUsers) => T): T;
  /** Ends a window and begins another at this moment, unless it is settled already. */
  cut(at: number): void;
  /** Settles every whole window that ends by then, oldest first. With `all` the rest up to `until`, too. */
  settle(until: number, all?: boolean): readonly SettledWindow[];
  /** The windows that are not settled yet, up to `until`, as far as their requests have ended. */
  pending(until: number): readonly SettledWindow[];
}

export interface AffectedUsers {
  readonly ratio: number;
  has(user: number): boolean;
}

export interface WindowsConfig {
  readonly users: number;
  /** What was sent longer ago than this is dropped once it is settled. */
  readonly keepMs: number;
}

export function createWindows({ users, keepMs }: WindowsConfig): Windows {
  const seconds = createSeconds();
  const { marks } = seconds;
  const verdicts = createVerdicts(users);
  const cuts: number[] = [];
  /** End of what is settled; undefined before the first request. */
  let settledUntil: number | undefined;
  let latest = 0;

  /** The bounds of the windows behind what is settled: whole ones, the last one up to `until`. */
  function bounds(until: number): { readonly from: number; readonly to: number }[] {
    const found: { from: number; to: number }[] = [];
    let from = settledUntil ?? until;
    while (from < until) {
      const start = from;
      const cut = cuts.find((at) => at > start) ?? Infinity;
      const to = Math.min(start + WINDOW_MS, cut, until);
      found.push({ from, to });
      from = to;
    }
    return found;
  }

  const ratio = (): number => verdicts.count / users;

  return {
    add(more) {
      for (const record of more) {
        seconds.add(record, verdicts.markOf(record));
        if (record.sentAt > latest) latest = record.sentAt;
        settledUntil ??= record.sentAt;
      }
      seconds.dropBefore(Math.min(settledUntil ?? 0, latest - keepMs));
    },
    records: seconds.records,
    affected(from, to, read) {
      const before = bounds(from).map((one) => marks(one.from, one.to));
      return verdicts.supposing([...before, marks(from, to)], () =>
        read({ ratio: ratio(), has: (user) => verdicts.has(user) }),
      );
    },
    cut(at) {
      if (at <= (settledUntil ?? 0) || cuts.includes(at)) return;
      cuts.push(at);
      cuts.sort((a, b) => a - b);
    },
    settle(until, all = false) {
      const settled: SettledWindow[] = [];
      for (const { from, to } of bounds(until)) {
        const whole = to - from === WINDOW_MS || cuts.includes(to);
        if (!whole && !all) break;
        verdicts.judge(marks(from, to));
        settledUntil = to;
        settled.push({ from, to, records: seconds.records(from, to), affectedRatio: ratio() });
      }
      while ((cuts[0] ?? Infinity) <= (settledUntil ?? 0)) cuts.shift();
      return settled;
    },
    pending(until) {
      const open = bounds(until).map((one) => ({ ...one, records: seconds.records(one.from, one.to) }));
      return open.map((one, i) => ({
        ...one,
        affectedRatio: verdicts.supposing(
          open.slice(0, i + 1).map((one) => marks(one.from, one.to)),
          ratio,
        ),
      }));
    },
  };
}
