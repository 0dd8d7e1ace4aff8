import type { Cancel } from "../../runtime/clock.ts";
import type { JournalLine } from "../drill/events.ts";
import { EVENT_TYPES, type EventType, type LabEvent, type LabJournal } from "./event.ts";
import { eventSources, type EventSourceDeps, type WatchedWorld } from "./sources.ts";

/** Events of a lab for all that watch it. */
export interface EventBus {
  /** Subscribes to these types. Types without subscribers are not gathered, and those with many only once. */
  subscribe(types: ReadonlySet<EventType>, run: (event: LabEvent) => void): Cancel;
  /** The record of the drill that runs, or ran last; undefined before the first. */
  readonly journal: LabJournal | undefined;
}

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

/** A bus that watches no world yet. */
export function createEventBus(deps: EventSourceDeps): LabBus {
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

  const start = eventSources(deps, emit);

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
