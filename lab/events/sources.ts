import { every, type Cancel, type Clock } from "../../runtime/clock.ts";
import type { Random } from "../../runtime/random.ts";
import type { World } from "../world/world.ts";
import type { StatusView } from "../trainee/views.ts";
import type { EventType, LabEvent } from "./event.ts";
import { createTrafficMeter } from "./traffic-meter.ts";

/** The part of a world that events come from. */
export type WatchedWorld = Pick<World, "onProbe" | "onUnit" | "onChange" | "onRequests" | "monitoring">;

export interface EventSourceDeps {
  /** The world's clock: in virtual time, events come in virtual time. */
  readonly clock: Clock;
  readonly random: Random;
  /** The lab at a glance; undefined while there is nothing to show. */
  readonly gather: () => Promise<StatusView | undefined>;
}

/** `state` and `traffic` come four times a second. */
const GATHER_EVERY_MS = 250;

/** By type, what makes events of what happens in a world, until it is cancelled. */
export type EventSources = Readonly<Record<Exclude<EventType, "journal">, (watched: WatchedWorld) => Cancel>>;

export function eventSources(
  { clock, random, gather }: EventSourceDeps,
  emit: (event: LabEvent) => void,
): EventSources {
  return {
    unit: ({ onUnit }) => onUnit((unit) => emit({ type: "unit", unit })),
    change: ({ onChange }) => onChange((change) => emit({ type: "change", change })),
    alert: ({ monitoring }) => monitoring.onAlert((alert) => emit({ type: "alert", alert })),
    state: () => gathering(clock, gather, (state) => emit({ type: "state", state })),
    traffic(watched) {
      const meter = createTrafficMeter(random);
      let from = clock.wall();
      const cancels = [
        watched.onProbe(({ records }) => meter.probed(records)),
        watched.onRequests(({ records, missed }) => {
          meter.balanced(records);
          if (missed) meter.missed();
        }),
        every(clock, GATHER_EVERY_MS, () => {
          const to = clock.wall();
          emit({ type: "traffic", traffic: meter.take(from, to) });
          from = to;
        }),
      ];
      return () => cancels.forEach((cancel) => cancel());
    },
  };
}

/** Gathers at once, and then periodically; a turn is skipped while the one before it is still gathering. */
function gathering<T>(
  clock: Clock,
  gather: () => Promise<T | undefined>,
  onGathered: (value: T) => void,
): Cancel {
  let stopped = false;
  let busy = false;
  const turn = (): void => {
    if (busy) return;
    busy = true;
    void gather().then(
      (value) => {
        busy = false;
        if (!stopped && value !== undefined) onGathered(value);
      },
      () => {
        // A world that is starting or ending cannot be gathered: the turn is skipped.
        busy = false;
      },
    );
  };
  turn();
  const stop = every(clock, GATHER_EVERY_MS, turn);
  return () => {
    stopped = true;
    stop();
  };
}
