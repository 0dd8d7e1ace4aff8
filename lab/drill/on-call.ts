import type { AlertView } from "../observe/alert-log.ts";
import type { Actor } from "../trainee/actor.ts";
import type { Monitoring } from "../world/monitoring.ts";
import type { DrillEvent } from "./events.ts";

export interface OnCallDeps {
  readonly monitoring: Monitoring;
  readonly record: (event: DrillEvent) => void;
  /** The monitoring goes on before a drill has begun and after it is over: what then happens is not recorded. */
  readonly isRecording: () => boolean;
  /** Who restarts everything at the end knows why the pager rings. */
  readonly isOnDuty: () => boolean;
  /** For what happens by itself: a failure in it voids the drill. */
  readonly guarded: (run: () => void) => () => void;
}

/** Keeps in a drill's journal what its pager says and what is said to it. */
export interface OnCall {
  /** Somebody is at it: the firing alerts with this name, or all. Returns those it was new for. */
  acknowledge(name: string | undefined, by: Actor): readonly AlertView[];
  /** Names of the pages that fire now. */
  ringing(): readonly string[];
}

export function createOnCall(deps: OnCallDeps): OnCall {
  const { monitoring, record, isRecording, isOnDuty, guarded } = deps;
  const note = (event: DrillEvent): void => {
    if (isRecording()) guarded(() => record(event))();
  };
  monitoring.onAlert(({ alert: { name, labels }, from, to }) =>
    note({ event: "alert", alert: name, severity: labels["severity"] ?? "", labels, from, to }),
  );
  monitoring.onNotified(({ alert: { name, severity, summary }, again }) => {
    if (!isOnDuty()) return;
    const event = again ? "reminded" : severity === "page" ? "paged" : "informed";
    note({ event, alert: name, summary });
  });
  return {
    acknowledge(name, by) {
      const taken = monitoring.acknowledge(name, by);
      const alerts = taken.map((alert) => alert.name);
      if (alerts.length > 0) note({ event: "acknowledged", alerts, by });
      return taken;
    },
    ringing: () =>
      monitoring
        .alerts()
        .filter(({ severity, state }) => severity === "page" && state === "firing")
        .map(({ name }) => name),
  };
}
