import type { Cancel, Clock } from "../../../runtime/clock.ts";
import { CodedError } from "../../../runtime/errors.ts";
import type { Log } from "../../../runtime/log.ts";
import type { RolloutMetrics } from "../../telemetry/rollout-metrics.ts";
import type { ChangeLog } from "./change-log.ts";
import type { Freeze } from "./change-state.ts";
import { freezeNow } from "./freeze.ts";

/** Times in which changes are refused; they outlive the process. Throws USAGE, NOT_FOUND and DISK. */
export interface Freezes {
  readonly now: Freeze | undefined;
  /** One that holds already is replaced. `until`: epoch milliseconds; undefined: until somebody thaws. */
  freeze(by: string, reason: string, until?: number): Freeze;
  thaw(by: string, reason: string): void;
  stop(): void;
}

export interface FreezesDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly changes: ChangeLog;
  readonly metrics: Pick<RolloutMetrics, "frozen">;
}

/** Timers of days are set again in steps: some clocks take no more than 24 days at once. */
const STEP_MS = 3_600_000;

export function createFreezes({ clock, log, changes, metrics }: FreezesDeps): Freezes {
  let cancel: Cancel = () => {};
  show();

  function show(): void {
    cancel();
    const freeze = freezeNow(changes.state, clock);
    metrics.frozen.of().value = freeze ? 1 : 0;
    if (freeze?.until === undefined) return;
    cancel = clock.after(Math.min(STEP_MS, Math.max(1, Date.parse(freeze.until) - clock.wall())), () => {
      if (freezeNow(changes.state, clock)) return show();
      metrics.frozen.of().value = 0;
      thawed("its end", "the time is over");
    });
  }

  /** At its end a freeze is over, also where that cannot be written down. */
  function thawed(by: string, reason: string): void {
    log.info({ by, reason }, "changes are no longer frozen");
    changes.note({ event: "thawed", by, reason });
  }

  return {
    get now() {
      return freezeNow(changes.state, clock);
    },
    freeze(by, reason, until) {
      if (until !== undefined && until <= clock.wall())
        throw new CodedError("USAGE", `a freeze until ${new Date(until).toISOString()} is over already`);
      const end = until === undefined ? {} : { until: new Date(until).toISOString() };
      changes.append({ event: "frozen", by, reason, ...end });
      log.warn({ by, reason, ...end }, `changes are frozen by ${by}: ${reason}`);
      show();
      const made = freezeNow(changes.state, clock);
      if (made === undefined) throw new CodedError("USAGE", "the freeze was over before it began");
      return made;
    },
    thaw(by, reason) {
      if (freezeNow(changes.state, clock) === undefined)
        throw new CodedError("NOT_FOUND", "changes are not frozen");
      changes.append({ event: "thawed", by, reason });
      log.warn({ by, reason }, `changes were thawed by ${by}`);
      show();
    },
    stop: () => cancel(),
  };
}
