import { messageOf } from "../../runtime/errors.ts";
import type { DrillEvent, JournalLine } from "./events.ts";
import type { Journal } from "./journal.ts";
import { fold, stateOf, type DrillState } from "./state.ts";
import { DrillStopped } from "./stop-cause.ts";

export interface RecorderDeps {
  readonly journal: Journal;
  readonly onEvent: (line: JournalLine, state: DrillState) => void;
}

/** Writes a drill's events and keeps the state that they add up to. */
export interface Recorder {
  readonly state: DrillState;
  /** Throws when the event cannot be kept: without its record a drill proves nothing, and it is void from then on. */
  record(event: DrillEvent): void;
  /** Throws, and makes the drill void, when the journal is no longer where it was. */
  assertKept(): void;
  /** For a drill's last event, where the journal may be the very thing that failed. */
  recordIfPossible(event: DrillEvent): void;
  /** For timers, which have no caller to throw to: what `run` throws voids the drill. */
  guarded(run: () => void): () => void;
  /** Aborted by an error that makes the drill void outside any awaited call. */
  readonly failed: AbortSignal;
  /** From here on `record` throws this. */
  close(reason: Error): void;
}

export function createRecorder({ journal, onEvent }: RecorderDeps): Recorder {
  const failed = new AbortController();
  let state = stateOf([]);
  let closed: Error | undefined;

  /** No partial grade. */
  function orVoid<T>(run: () => T): T {
    try {
      return run();
    } catch (error) {
      const message = `the drill is void: ${messageOf(error)}`;
      failed.abort(new DrillStopped("DRILL_VOID", "journal", message, { cause: error }));
      throw failed.signal.reason;
    }
  }

  function record(event: DrillEvent): void {
    if (closed) throw closed;
    orVoid(() => {
      const line = journal.append(event);
      state = fold(state, line);
      onEvent(line, state);
    });
  }

  return {
    get state() {
      return state;
    },
    record,
    assertKept: () => orVoid(() => journal.assertKept()),
    recordIfPossible(event) {
      try {
        record(event);
      } catch {
        // A reader of the journal sees that it has no end; the caller of the drill gets the error.
      }
    },
    guarded: (run) => () => {
      if (failed.signal.aborted) return;
      try {
        run();
      } catch (error) {
        failed.abort(error);
      }
    },
    failed: failed.signal,
    close: (reason) => void (closed = reason),
  };
}
