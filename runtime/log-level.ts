import { CodedError } from "./errors.ts";

/** How much a process logs, from the most to the least. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** The level set by `source` (a flag or a variable); undefined when it is not set. Throws USAGE. */
export function readLogLevel(text: string | undefined, source: string): LogLevel | undefined {
  if (text === undefined || text === "") return undefined;
  const level = LOG_LEVELS.find((known) => known === text);
  if (!level) throw new CodedError("USAGE", `${source} must be one of ${LOG_LEVELS.join(", ")}, not ${text}`);
  return level;
}
