import type { Cancel, Clock } from "../../../runtime/clock.ts";
import type { AlertGroup } from "./alert-group.ts";
import type { FiredAlert } from "./fired-alert.ts";
import type { Destination } from "./routing.ts";

/** The groups of alerts that are notified of together, each with its timer. */
export interface AlertGroups {
  readonly all: readonly { readonly group: AlertGroup; readonly destination: Destination }[];
  /** Puts an alert into the group of a destination, which is opened for its first. */
  put(destination: Destination, alert: FiredAlert): void;
  stop(): void;
}

export interface AlertGroupsDeps {
  readonly clock: Clock;
  readonly open: (destination: Destination) => AlertGroup;
}

/** Interval at which empty groups are removed, as in Alertmanager: until then they keep their timer. */
const SWEEP_MS = 30_000;

export function createAlertGroups({ clock, open }: AlertGroupsDeps): AlertGroups {
  const groups = new Map<string, { readonly group: AlertGroup; readonly destination: Destination }>();
  let cancelSweep: Cancel | undefined;

  function sweep(): void {
    for (const [key, { group }] of groups) {
      if (!group.isEmpty) continue;
      group.stop();
      groups.delete(key);
    }
    cancelSweep = groups.size > 0 ? clock.after(SWEEP_MS, sweep) : undefined;
  }

  return {
    get all() {
      return [...groups.values()];
    },
    put(destination, alert) {
      let known = groups.get(destination.groupKey);
      if (!known) {
        known = { group: open(destination), destination };
        groups.set(destination.groupKey, known);
        cancelSweep ??= clock.after(SWEEP_MS, sweep);
      }
      known.group.put(alert);
    },
    stop() {
      cancelSweep?.();
      for (const { group } of groups.values()) group.stop();
    },
  };
}
