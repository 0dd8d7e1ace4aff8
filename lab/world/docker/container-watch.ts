import type { Cancel } from "../../../runtime/clock.ts";
import { createSubscribers } from "../../../runtime/subscribers.ts";
import type { Host } from "../host.ts";
import type { OutsideStep } from "../world.ts";
import type { ContainerEvent } from "./container-events.ts";

/** Watches what others do to a run's containers by the engine's own commands, which units do not see. */
export interface ContainerWatch {
  /** An event of the engine. */
  onEvent(event: ContainerEvent): void;
  /** Reports what others do. */
  watchOutside(run: (step: OutsideStep) => void): Cancel;
  /** Reports, with the reason, that an instrument was paused, or that nobody is paged any more. */
  watchInstruments(run: (reason: string) => void): Cancel;
}

/** Containers that page, and are no units. */
export const PAGERS = ["prometheus", "alertmanager"] as const;

export function createContainerWatch({ host }: { readonly host: Pick<Host, "unit"> }): ContainerWatch {
  const steps = createSubscribers<OutsideStep>();
  const failures = createSubscribers<string>();

  function onEvent({ unit, what }: ContainerEvent): void {
    const known = host.unit(unit);
    const isPager = PAGERS.some((name) => name === unit);
    if (isPager && (what === "die" || what === "pause"))
      failures.emit(`${unit} ${what === "die" ? "ended" : "was paused"}: without it nobody is paged`);
    else if (known?.definition.outside === true) {
      if (what === "pause")
        failures.emit(`the container of ${unit} was paused: without it users cannot be judged`);
    } else if (what === "pause" || what === "unpause") step(`docker ${what} ${unit}`, unit, `it is ${what}d`);
    else if (what === "start" && (known?.view.state === "inactive" || known?.view.state === "failed"))
      step(`docker start ${unit}`, unit, `its container was started, and the unit is ${known.view.state}`);
  }

  function step(action: string, subject: string, message: string): void {
    steps.emit({ action, subject, by: "unknown, by the Docker engine", message });
  }

  return { onEvent, watchOutside: steps.add, watchInstruments: failures.add };
}
