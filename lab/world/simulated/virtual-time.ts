import type { Clock } from "../../../runtime/clock.ts";
import { CodedError } from "../../../runtime/errors.ts";
import { createEventQueue, type EventOwner, type QueuedEvent } from "./event-queue.ts";

/** A clock in virtual time that can be ended: none of its events happens after `end`. */
export interface VirtualClock extends Clock {
  /** The owner of this clock's events. */
  readonly owner: EventOwner;
  /** `after` for an event of this owner that is not in the queue: nothing is allocated. */
  happenAfter(ms: number, event: QueuedEvent): void;
  /** Removes the event from the queue, if it is there. */
  withdraw(event: QueuedEvent): void;
  end(): void;
}

export interface VirtualTime {
  /** Milliseconds since the beginning. */
  readonly nowMs: number;
  /** Events that have happened, and that are still to come. */
  readonly happened: number;
  readonly pending: number;
  /**
   * `data`: for callbacks that leave no promises, at no further cost. `promises`: all promises have settled
   * before anything else happens after one of its timers has fired.
   */
  clock(kind: "data" | "promises"): VirtualClock;
  /** Runs events until the promise has settled. Throws CodedError ENVIRONMENT when it cannot, or not in `limitMs`. */
  runUntil<T>(promise: Promise<T>, limits: RunLimits): Promise<T>;
  /** Runs this much virtual time. */
  run(ms: number): Promise<void>;
}

export interface RunLimits {
  readonly limitMs: number;
  /** Completes the sentence "it waited for ...". */
  readonly waitsFor: () => string;
}

/**
 * Resolves in a later turn of the real loop, which comes only when no promise has anything left to do: there is no I/O to wait
 * for in virtual time.
 */
export type NextTurn = () => Promise<void>;

export interface VirtualTimeOptions {
  readonly nextTurn: NextTurn;
  /** Epoch milliseconds of the beginning. */
  readonly epochMs?: number;
  /** Called before and after each event, for tests. */
  readonly watch?: { before(): void; after(settles: boolean): void };
}

/** Where a person steers virtual time it passes in steps of this many milliseconds; what they do falls between two of them. */
export const STEP_MS = 50;

/** The first second of 2026, so that no record depends on when a simulation ran. */
const EPOCH_MS = Date.UTC(2026, 0, 1);

/** Time that jumps from event to event. */
export function createVirtualTime({ nextTurn, epochMs = EPOCH_MS, watch }: VirtualTimeOptions): VirtualTime {
  const queue = createEventQueue();

  function clock(kind: "data" | "promises"): VirtualClock {
    const owner = { alive: true, settles: kind === "promises" };
    return {
      now: () => queue.nowMs,
      wall: () => Math.floor(epochMs + queue.nowMs),
      after: (ms, run) => queue.schedule(dueAfter(queue.nowMs, ms), owner, run),
      owner,
      happenAfter: (ms, event) => queue.add(dueAfter(queue.nowMs, ms), event),
      withdraw: (event) => queue.remove(event),
      end: () => void (owner.alive = false),
    };
  }

  /** Runs up to and with the next event that may leave promises behind. False: nothing more is due by then. */
  function stretch(endMs: number): boolean {
    for (;;) {
      watch?.before();
      const owner = queue.next(endMs);
      watch?.after(owner?.settles ?? true);
      if (!owner) return false;
      if (owner.settles) return true;
    }
  }

  return {
    get nowMs() {
      return queue.nowMs;
    },
    get happened() {
      return queue.happened;
    },
    get pending() {
      return queue.length;
    },
    clock,
    async runUntil(promise, { limitMs, waitsFor }) {
      const seen = { settled: false };
      const mark = (): void => void (seen.settled = true);
      promise.then(mark, mark);
      const end = queue.nowMs + limitMs;
      await nextTurn();
      while (!seen.settled) {
        if (!stretch(end)) {
          const why = queue.length === 0 ? "nothing is left to happen" : `${limitMs / 1000} s have passed`;
          throw new CodedError("ENVIRONMENT", `${why} in virtual time, and it waited for ${waitsFor()}`);
        }
        await nextTurn();
      }
      return promise;
    },
    async run(ms) {
      const end = queue.nowMs + ms;
      await nextTurn();
      while (stretch(end)) await nextTurn();
      queue.skipTo(end);
    },
  };
}

/** Resolution of time, about a microsecond: a power of two, so that sums are exact. */
const GRAIN_MS = 1 / 1024;

/**
 * Rounds up, by one grain at least: a wait that a rounding error cut short would be repeated again and again at the same
 * time.
 */
function dueAfter(nowMs: number, ms: number): number {
  return ms > 0 ? Math.max(Math.ceil((nowMs + ms) / GRAIN_MS) * GRAIN_MS, nowMs + GRAIN_MS) : nowMs;
}
