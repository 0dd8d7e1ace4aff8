import type { Cancel, Clock } from "../../../runtime/clock.ts";
import type { UnitEvent, UnitState } from "../host.ts";

/** A unit's state, what ends it by itself, and whoever watches it. */
export interface UnitStatus {
  readonly state: UnitState;
  readonly reason: string;
  /** Epoch milliseconds. */
  readonly since: number;
  /** When the wait of this state ends, by the clock's `now`; undefined without one. */
  readonly due: number | undefined;
  enter(to: UnitState, reason: string): void;
  /** A state waits for one thing at most, and leaving it ends the wait. */
  wait(ms: number, then: () => void): void;
  /** Notifies watchers: last, when the unit is consistent again, as they may operate it from inside the call. */
  flush(): void;
  /** Calls `run` once it is neither activating nor deactivating; at once if that is so now. */
  onceSettled(run: () => void): void;
}

export interface UnitStatusDeps {
  readonly clock: Clock;
  readonly onEvent: (event: UnitEvent) => void;
}

/** The status of a unit that is not running yet. */
export function createUnitStatus(unit: string, { clock, onEvent }: UnitStatusDeps): UnitStatus {
  let state: UnitState = "inactive";
  let reason = "not started yet";
  let since = clock.wall();
  let timer: { readonly due: number; readonly cancel: Cancel } | undefined;
  const outbox: UnitEvent[] = [];
  const waiters: (() => void)[] = [];
  let flushing = false;

  function flush(): void {
    if (flushing) return;
    flushing = true;
    try {
      for (;;) {
        const event = outbox.shift();
        const waiter = event || !isSettled(state) ? undefined : waiters.shift();
        if (event) onEvent(event);
        else if (waiter) waiter();
        else return;
      }
    } finally {
      flushing = false;
    }
  }

  return {
    get state() {
      return state;
    },
    get reason() {
      return reason;
    },
    get since() {
      return since;
    },
    get due() {
      return timer?.due;
    },
    enter(to, why) {
      timer?.cancel();
      timer = undefined;
      reason = why;
      since = clock.wall();
      outbox.push({ unit, from: state, to, reason, at: since });
      state = to;
    },
    wait(ms, then) {
      timer?.cancel();
      timer = { due: clock.now() + ms, cancel: clock.after(ms, () => (then(), flush())) };
    },
    flush,
    onceSettled(run) {
      waiters.push(run);
      flush();
    },
  };
}

function isSettled(state: UnitState): boolean {
  return state !== "activating" && state !== "deactivating";
}
