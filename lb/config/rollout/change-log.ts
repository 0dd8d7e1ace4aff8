import { inspectChain, type FoundChain } from "../../../runtime/chained-lines.ts";
import type { Clock } from "../../../runtime/clock.ts";
import { CodedError, messageOf } from "../../../runtime/errors.ts";
import type { Log } from "../../../runtime/log.ts";
import { hashOfLine } from "../../../runtime/line-hash.ts";
import type { ChangeEvent, ChangeLine } from "./change-events.ts";
import { afterLine, NOTHING_CHANGED, type ChangeState } from "./change-state.ts";
import type { LineLog } from "./line-log.ts";

/** A change log as it was found. */
export interface FoundChangeLog extends FoundChain {
  readonly lines: readonly ChangeLine[];
}

/** The append-only record of what was done to the configuration, its lines chained by hash, and the state that follows from it. */
export interface ChangeLog {
  readonly state: ChangeState;
  /** False until something was written: a balancer without guards writes no log. */
  readonly begun: boolean;
  /** Throws DISK: then nothing was written, and the state is as it was. */
  append(event: ChangeEvent): ChangeLine;
  /** `append` for what has happened already: a line that cannot be written is lost, which is logged and counted. */
  note(event: ChangeEvent): void;
  /** Oldest first, as they are on the disk now. Throws DISK. */
  inspect(): FoundChangeLog;
}

export interface ChangeLogDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** A line was lost. */
  readonly onLost: () => void;
}

/** Takes up the log that is there. Throws DISK. */
export function createChangeLog(lines: LineLog, { clock, log, onLost }: ChangeLogDeps): ChangeLog {
  const found = inspect();
  let state = found.lines.reduce(afterLine, NOTHING_CHANGED);
  let { head } = found;
  let seq = found.lines.at(-1)?.seq ?? 0;

  function inspect() {
    try {
      return changeLogOf(lines.read());
    } catch (error) {
      throw notKept(error);
    }
  }

  function append(event: ChangeEvent): ChangeLine {
    const line: ChangeLine = {
      seq: seq + 1,
      at: new Date(clock.wall()).toISOString(),
      prev: head,
      ...event,
    };
    const text = JSON.stringify(line);
    try {
      lines.append(text);
    } catch (error) {
      throw notKept(error);
    }
    head = hashOfLine(text);
    seq += 1;
    state = afterLine(state, line);
    return line;
  }

  return {
    get state() {
      return state;
    },
    get begun() {
      return seq > 0;
    },
    append,
    note(event) {
      try {
        append(event);
      } catch (error) {
        onLost();
        log.error({ event: event.event, err: messageOf(error) }, "a line of the change log is lost");
      }
    },
    inspect,
  };
}

/** The lines of a change log's text, and where its chain breaks. */
export function changeLogOf(text: string): FoundChangeLog {
  const found = inspectChain(text, { of: "such a log" });
  // Read back from what `append` wrote; a line of a later version has an event that nothing here goes by.
  return { ...found, lines: found.lines as readonly ChangeLine[] };
}

const notKept = (error: unknown): CodedError =>
  new CodedError("DISK", `the change log cannot be kept: ${messageOf(error)}`, { cause: error });
