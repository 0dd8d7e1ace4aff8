import type { Cancel } from "../../runtime/clock.ts";
import type { EventBus } from "./bus.ts";
import type { EventType, JournalPlace, LabEvent, LabJournal } from "./event.ts";

export interface FollowOptions {
  readonly types: ReadonlySet<EventType>;
  /** The journal is read on from after this line. Absent, or of another drill than the one that runs: from its first. */
  readonly after?: JournalPlace | undefined;
}

/** A reader of a lab's events who misses no line of the journal and gets none twice. */
export interface Follower {
  /** Takes lines of the journal again, after `write` has said that there is no more room. */
  resume(): void;
  /** Lines of the journal wait for room. */
  readonly isBehind: boolean;
  readonly stop: Cancel;
}

/**
 * Hands a lab's events on: the journal from its beginning, or from where the reader was, all else from now on. `write` says whether
 * there is room for more; while there is none, lines of the journal wait where they are, and take no further memory.
 */
export function follow(
  bus: EventBus,
  { types, after }: FollowOptions,
  write: (event: LabEvent) => boolean,
): Follower {
  /** Records that are not read to their end, oldest first; only of the last one lines are still to come. */
  const reading: { readonly journal: LabJournal; next: number }[] = [];
  let hasRoom = true;
  let stopped = false;

  function noticeJournal(): void {
    const { journal } = bus;
    if (!journal || reading.at(-1)?.journal === journal) return;
    const isResumed = reading.length === 0 && after?.drill === journal.drill;
    reading.push({ journal, next: isResumed ? Math.max(0, after.seq) : 0 });
  }

  function pump(): void {
    noticeJournal();
    for (;;) {
      const [first] = reading;
      if (!first) return;
      const { drill, lines } = first.journal;
      // Not by what an event brings: a line may be there before whoever is notified of it.
      while (first.next < lines.length) {
        const line = lines[first.next];
        if (!hasRoom || stopped || !line) return;
        first.next += 1;
        hasRoom = write({ type: "journal", drill, line });
      }
      if (reading.length === 1) return;
      reading.shift();
    }
  }

  const stop = bus.subscribe(types, (event) => {
    if (event.type === "journal") pump();
    else if (!write(event)) hasRoom = false;
  });
  if (types.has("journal")) pump();
  return {
    get isBehind() {
      return reading.some(({ journal, next }) => next < journal.lines.length);
    },
    resume() {
      hasRoom = true;
      if (types.has("journal")) pump();
    },
    stop() {
      stopped = true;
      stop();
    },
  };
}
