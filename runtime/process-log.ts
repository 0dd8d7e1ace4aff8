import { pino, type DestinationStream } from "pino";
import type { Log } from "./log.ts";

/** `fd` is 1 for standard output; 2, for standard error, where a command has data for standard output. */
export function createLog(name: string, fd: 1 | 2 = 1): Log {
  return createLogOn(pino.destination({ fd, sync: true }), name, pino.stdTimeFunctions.isoTime);
}

/** The same lines to any destination. `time` gives the field's text, from the comma on. */
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
