import { pino, type DestinationStream, type Logger } from "pino";
import { messageOf, systemCode } from "./errors.ts";

/** A process's own log: JSON lines, of a unit on standard output, which the supervisor keeps in the unit's log file. */
export type Log = Logger;

/** `fd` is 1 for standard output; 2, for standard error, where a command has data for standard output. */
export function createLog(name: string, fd: 1 | 2 = 1): Log {
  return createLogOn(pino.destination({ fd, sync: true }), name, pino.stdTimeFunctions.isoTime);
}

/** The same lines to anywhere. `time` gives the field's text, from the comma on. */
export function createLogOn(destination: DestinationStream, name: string, time: () => string): Log {
  return pino(
    {
      base: { unit: name },
      timestamp: time,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
}

/** The last line of a process that ends for a failure. */
export function logFatal(log: Log, error: unknown): void {
  log.fatal({ code: systemCode(error), err: messageOf(error) }, `cannot go on: ${messageOf(error)}`);
}

/** For tests and for parts that have nothing to say. */
export const silentLog: Log = pino({ level: "silent" });
