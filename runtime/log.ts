import { pino, type Logger } from "pino";

/** A process's own log: JSON lines on standard output, which the supervisor keeps in the unit's log file. */
export type Log = Logger;

export function createLog(name: string): Log {
  return pino({
    base: { unit: name },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
}

/** For tests and for parts that have nothing to say. */
export const silentLog: Log = pino({ level: "silent" });
