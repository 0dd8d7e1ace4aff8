import type { Clock } from "./clock.ts";
import { messageOf, systemCode } from "./errors.ts";

/** Fields of a line beside its message; an undefined one is left out. */
export type LogFields = Readonly<Record<string, unknown>>;

export interface LogMethod {
  (message: string): void;
  (fields: LogFields, message: string): void;
}

/** A process's own log: JSON lines, of a unit on standard output, which the supervisor redirects to the unit's log file. */
export interface Log {
  /** The lowest level that is written: one of LOG_LEVELS, `fatal` or `silent`. */
  level: string;
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
  readonly fatal: LogMethod;
}

const LEVELS = ["debug", "info", "warn", "error", "fatal", "silent"];

/** The same lines as `createLog` of process-log.ts, passed to `write`. */
export function createMemoryLog(
  write: (line: string) => void,
  name: string,
  clock: Pick<Clock, "wall">,
): Log {
  const unit = JSON.stringify(name);
  const method = (level: string): LogMethod => {
    const rank = LEVELS.indexOf(level);
    return (first: string | LogFields, text?: string): void => {
      if (rank < LEVELS.indexOf(log.level)) return;
      const fields = typeof first === "string" ? "" : fieldsText(first);
      const message = JSON.stringify(typeof first === "string" ? first : (text ?? ""));
      const time = new Date(clock.wall()).toISOString();
      write(`{"level":"${level}","time":"${time}","unit":${unit}${fields},"msg":${message}}`);
    };
  };
  const log: Log = {
    level: "info",
    debug: method("debug"),
    info: method("info"),
    warn: method("warn"),
    error: method("error"),
    fatal: method("fatal"),
  };
  return log;
}

function fieldsText(fields: LogFields): string {
  const text = JSON.stringify(fields).slice(1, -1);
  return text === "" ? "" : `,${text}`;
}

/** Logs the last line of a process that ends by a failure. */
export function logFatal(log: Log, error: unknown): void {
  log.fatal({ code: systemCode(error), err: messageOf(error) }, `cannot go on: ${messageOf(error)}`);
}

const nothing = (): void => {};

/** For tests and for parts that log nothing. */
export const silentLog: Log = {
  level: "silent",
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  fatal: nothing,
};
