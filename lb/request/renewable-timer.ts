import type { Cancel, Clock } from "../../runtime/clock.ts";

/** What a timer ends. */
export interface Expiring {
  /** A wait is over. */
  expired(): void;
}

/**
 * One timer of the core at a time, for waits that progress prolongs. To renew it only notes the time, since that happens
 * with every piece of a body; a timer that fires too early for that waits out the rest. So does one that was set for an
 * earlier and shorter wait. A class: every attempt has one.
 */
export class RenewableTimer {
  private readonly clock: Clock;
  private readonly of: Expiring;
  private cancel: Cancel | undefined = undefined;
  private firesAt = 0;
  private since = 0;
  private limitMs = 0;

  constructor(clock: Clock, of: Expiring) {
    this.clock = clock;
    this.of = of;
  }

  /** Waits `ms` milliseconds from now, in place of the wait before. */
  start(ms: number): void {
    const now = this.clock.now();
    this.since = now;
    this.limitMs = ms;
    if (this.cancel !== undefined) {
      if (this.firesAt <= now + ms) return;
      this.stop();
    }
    this.arm(now, ms);
  }

  /** Begins the wait anew. */
  renew(): void {
    this.since = this.clock.now();
  }

  stop(): void {
    this.cancel?.();
    this.cancel = undefined;
  }

  private arm(now: number, ms: number): void {
    this.firesAt = now + ms;
    this.cancel = this.clock.after(ms, () => this.fire());
  }

  private fire(): void {
    this.cancel = undefined;
    const now = this.clock.now();
    const rest = this.since + this.limitMs - now;
    if (rest > 0) this.arm(now, rest);
    else this.of.expired();
  }
}
