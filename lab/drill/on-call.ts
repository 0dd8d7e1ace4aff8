import type { AlertView } from "../observe/alert-log.ts";
import type { Actor } from "../trainee/actor.ts";
import type { Monitoring } from "../world/monitoring.ts";
import type { DrillEvent } from "./events.ts";

export interface OnCallDeps {
  readonly monitoring: Monitoring;
  readonly record: (event: DrillEvent) => void;
  /** False before a drill has begun and after it is over: monitoring goes on then, and is not recorded. */
  readonly isRecording: () => boolean;
  /** False during the restart at the end, for which nobody is paged. */
  readonly isOnDuty: () => boolean;
  /** For callbacks: a failure in one voids the drill. */
  readonly guarded: (run: () => void) => () => void;
}

/** Records alerts, notifications and acknowledgements in a drill's journal. */
export interface OnCall {
  /** Acknowledges the firing alerts with this name, or all. Returns those that were not acknowledged yet. */
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
