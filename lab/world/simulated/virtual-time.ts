import type { Clock } from "../../../runtime/clock.ts";
import { CodedError } from "../../../runtime/errors.ts";
import { createEventQueue, type EventOwner, type QueuedEvent } from "./event-queue.ts";

/** A clock in virtual time that can be taken from its holder: nothing it was to bring about happens after `end`. */
export interface VirtualClock extends Clock {
  /** Whose events those of this clock are. */
  readonly owner: EventOwner;
  /** `after` for an event that is the owner's and is not waiting already: nothing is made for it. */
  happenAfter(ms: number, event: QueuedEvent): void;
  /** It does not happen, if it was to. */
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
   * `data`: for what is free of promises, and therefore costs nothing but itself. `promises`: all promises have settled
   * before anything else happens after one of its timers has fired.
   */
  clock(kind: "data" | "promises"): VirtualClock;
  /** Lets time pass until the promise has settled. Throws CodedError ENVIRONMENT when it cannot, or not in `limitMs`. */
  runUntil<T>(promise: Promise<T>, limits: RunLimits): Promise<T>;
  /** Lets this much time pass. */
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
  /** Told before and after each event, for tests. */
  readonly watch?: { before(): void; after(settles: boolean): void };
}

/** The first second of 2026, so that no record depends on when a simulation was run. */
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

  /** Up to and with the next event that may leave promises behind. False: nothing more is due by then. */
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

/** Time has a grain, about a microsecond, that sums of whole grains meet exactly. */
const GRAIN_MS = 1 / 1024;

/**
 * A wait is never too short, and always takes some time: or one that was cut short by a rounding error would be waited
 * out again and again at the same moment.
 */
function dueAfter(nowMs: number, ms: number): number {
  return ms > 0 ? Math.max(Math.ceil((nowMs + ms) / GRAIN_MS) * GRAIN_MS, nowMs + GRAIN_MS) : nowMs;
}
