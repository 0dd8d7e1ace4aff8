import { pino, type Logger } from "pino";

/** A process's own log: JSON lines, of a unit on standard output, which the supervisor keeps in the unit's log file. */
export type Log = Logger;

/** `fd` is 1 for standard output; 2, for standard error, where a command has data for standard output. */
export function createLog(name: string, fd: 1 | 2 = 1): Log {
  return pino(
    {
      base: { unit: name },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ fd, sync: true }),
  );
}

/** For tests and for parts that have nothing to say. */
export const silentLog: Log = pino({ level: "silent" });
