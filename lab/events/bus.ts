import { every, type Cancel, type Clock } from "../../runtime/clock.ts";
import type { Random } from "../../runtime/random.ts";
import type { JournalLine } from "../drill/events.ts";
import type { World } from "../world/world.ts";
import type { StatusView } from "../trainee/views.ts";
import { EVENT_TYPES, type EventType, type LabEvent, type LabJournal } from "./event.ts";
import { createTrafficMeter } from "./traffic-meter.ts";

/** Events of a lab for all that watch it. */
export interface EventBus {
  /** Subscribes to these types. Types without subscribers are not gathered, and those with many only once. */
  subscribe(types: ReadonlySet<EventType>, run: (event: LabEvent) => void): Cancel;
  /** The record of the drill that runs, or ran last; undefined before the first. */
  readonly journal: LabJournal | undefined;
}

/** The part of a world that events come from. */
export type WatchedWorld = Pick<World, "onProbe" | "onUnit" | "onChange" | "onRequests" | "monitoring">;

/** The bus as its lab sees it. */
export interface LabBus extends EventBus {
  /** Takes events from this world from now on. */
  watch(world: WatchedWorld): void;
  /** Sets `journal` to this drill's. */
  begin(journal: LabJournal): void;
  /** A line was appended to the drill's journal. */
  appended(line: JournalLine): void;
  /** Stops gathering and emitting. */
  close(): void;
}

export interface EventBusDeps {
  /** The world's clock: in virtual time, events come in virtual time. */
  readonly clock: Clock;
  readonly random: Random;
  /** The lab at a glance; undefined while there is nothing to show. */
  readonly gather: () => Promise<StatusView | undefined>;
}

/** `state` and `traffic` come four times a second. */
const GATHER_EVERY_MS = 250;

export function createEventBus({ clock, random, gather }: EventBusDeps): LabBus {
  const subscribers = new Set<{ readonly types: ReadonlySet<EventType>; run(event: LabEvent): void }>();
  /** By type: what gathers while there are subscribers. */
  const running = new Map<EventType, Cancel>();
  let world: WatchedWorld | undefined;
  let journal: LabJournal | undefined;
  let closed = false;

  const isWanted = (type: EventType): boolean =>
    !closed && [...subscribers].some(({ types }) => types.has(type));

  function emit(event: LabEvent): void {
    if (closed) return;
    for (const one of Array.from(subscribers))
      if (one.types.has(event.type) && subscribers.has(one)) one.run(event);
  }

  const start: Readonly<Record<Exclude<EventType, "journal">, (watched: WatchedWorld) => Cancel>> = {
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

  /** Starts gathering the types with subscribers, and stops the others. */
  function settle(): void {
    for (const type of EVENT_TYPES) {
      if (type === "journal") continue;
      const stop = running.get(type);
      if (stop && !isWanted(type)) {
        running.delete(type);
        stop();
      } else if (!stop && world && isWanted(type)) running.set(type, start[type](world));
    }
  }

  function stopAll(): void {
    const stops = [...running.values()];
    running.clear();
    stops.forEach((stop) => stop());
  }

  return {
    get journal() {
      return journal;
    },
    subscribe(types, run) {
      const one = { types, run };
      subscribers.add(one);
      settle();
      return () => {
        subscribers.delete(one);
        settle();
      };
    },
    watch(next) {
      stopAll();
      world = next;
      settle();
    },
    begin: (next) => void (journal = next),
    appended(line) {
      if (journal) emit({ type: "journal", drill: journal.drill, line });
    },
    close() {
      closed = true;
      stopAll();
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
