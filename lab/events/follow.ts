import type { Cancel } from "../../runtime/clock.ts";
import type { EventBus } from "./bus.ts";
import type { EventType, JournalPlace, LabEvent, LabJournal } from "./event.ts";

export interface FollowOptions {
  readonly types: ReadonlySet<EventType>;
  /** The journal is resumed after this line. Absent, or of another drill than the one that runs: from its first. */
  readonly after?: JournalPlace | undefined;
}

/** A reader of a lab's events that misses no line of the journal and gets none twice. */
export interface Follower {
  /** Writes lines of the journal again, after `write` has reported that there is no more room. */
  resume(): void;
  /** True while lines of the journal wait for room. */
  readonly isBehind: boolean;
  readonly stop: Cancel;
}

/**
 * Forwards a lab's events: the journal from its beginning, or from the reader's place, all else from now on. `write` returns
 * whether there is room for more; while there is none, lines of the journal stay where they are, and take no further memory.
 */
export function follow(
  bus: EventBus,
  { types, after }: FollowOptions,
  write: (event: LabEvent) => boolean,
): Follower {
  /** Records that are not read to their end, oldest first; only the last one still grows. */
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
      // Not by the events' lines: a line may be in the journal before its event comes.
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
