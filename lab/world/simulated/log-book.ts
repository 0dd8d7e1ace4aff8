import { createMemoryLog, type Log } from "../../../runtime/log.ts";
import type { Clock } from "../../../runtime/clock.ts";

/** The last lines that units have written. */
export interface LogBook {
  /** A log whose lines are kept under the unit's name. */
  open(unit: string): Log;
  /** The last lines, oldest first. */
  tail(unit: string, lines: number): readonly string[];
}

/** Older ones are dropped: for what is further back there are the metrics. */
const KEPT_LINES = 2000;

export function createLogBook(clock: Clock): LogBook {
  const books = new Map<string, string[]>();
  return {
    open(unit) {
      const lines = books.get(unit) ?? [];
      books.set(unit, lines);
      const keep = (line: string): void => {
        lines.push(line);
        if (lines.length > 2 * KEPT_LINES) lines.splice(0, KEPT_LINES);
      };
      return createMemoryLog(keep, unit, clock);
    },
    tail: (unit, lines) => books.get(unit)?.slice(-lines) ?? [],
  };
}
