import type { Cancel, Clock } from "../../runtime/clock.ts";

/** One wait at a time, with an end that progress puts off. What happens when it is over is told once, at its making. */
export interface RenewableTimer {
  /** Waits `ms` milliseconds from now. Replaces the wait before. */
  start(ms: number): void;
  /** Something has moved: the wait begins anew. */
  renew(): void;
  stop(): void;
}

/**
 * A timer of the core. To renew it only notes the time, since that happens with every piece of a body; a timer that
 * fires too early for that waits out the rest. So does one that was set for an earlier and shorter wait.
 */
export function createRenewableTimer(clock: Clock, expired: () => void): RenewableTimer {
  const self: State = {
    clock,
    expired,
    cancel: undefined,
    firesAt: 0,
    since: 0,
    limitMs: 0,
    start,
    renew,
    stop,
  };
  return self;
}

interface State extends RenewableTimer {
  readonly clock: Clock;
  readonly expired: () => void;
  cancel: Cancel | undefined;
  firesAt: number;
  since: number;
  limitMs: number;
}

// Shared by all, and not made for each: every request has one.
function start(this: State, ms: number): void {
  const now = this.clock.now();
  this.since = now;
  this.limitMs = ms;
  if (this.cancel !== undefined) {
    if (this.firesAt <= now + ms) return;
    this.stop();
  }
  arm(this, now, ms);
}

function renew(this: State): void {
  this.since = this.clock.now();
}

function stop(this: State): void {
  this.cancel?.();
  this.cancel = undefined;
}

function arm(self: State, now: number, ms: number): void {
  self.firesAt = now + ms;
  self.cancel = self.clock.after(ms, () => fire(self));
}

function fire(self: State): void {
  self.cancel = undefined;
  const now = self.clock.now();
  const rest = self.since + self.limitMs - now;
  if (rest > 0) arm(self, now, rest);
  else self.expired();
}
