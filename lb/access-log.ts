import { openSync } from "node:fs";
import { pino } from "pino";
import { systemCode } from "../runtime/errors.ts";
import type { Log } from "../runtime/log.ts";
import { haproxyLine, jsonLine } from "./access-line.ts";
import type { RequestRecord } from "./balancer.ts";

/** Where finished requests are written, a line each, without ever making one of them wait. */
export interface AccessLog {
  write(record: RequestRecord): void;
  /** Writes what is buffered and closes. What cannot be written then is lost. */
  close(): Promise<void>;
}

export interface AccessLogConfig {
  /** Absolute, or relative to the working directory. */
  readonly path: string;
  readonly format: "json" | "haproxy";
}

export interface AccessLogDeps {
  readonly log: Log;
  readonly onDropped: (lines: number) => void;
}

/** Lines are gathered up to this size, or for this long, before they are written. */
const GATHER_BYTES = 8 * 1024;
const GATHER_MS = 250;
/** What is kept in memory while the disk refuses; after that lines are dropped. */
const MAX_BUFFER_BYTES = 4 * 1024 * 1024;

/** Opens the file for appending. Throws the system's error: a log that cannot be opened is a wrong configuration. */
export function openAccessLog({ path, format }: AccessLogConfig, deps: AccessLogDeps): AccessLog {
  const { log } = deps;
  const destination = pino.destination({
    fd: openSync(path, "a"),
    sync: false,
    minLength: GATHER_BYTES,
    maxLength: MAX_BUFFER_BYTES,
    periodicFlush: GATHER_MS,
  });
  const line = format === "json" ? jsonLine : haproxyLine;
  let failing = false;
  destination.on("drop", () => deps.onDropped(1));
  destination.on("error", (error: unknown) => {
    // Every attempt to write fails until there is space again: once is enough to say.
    if (!failing) log.error({ code: systemCode(error), path }, "the access log cannot be written");
    failing = true;
  });
  destination.on("write", () => {
    if (failing) log.info({ path }, "the access log can be written again");
    failing = false;
  });
  let closing: Promise<void> | undefined;

  return {
    write(record) {
      if (closing) deps.onDropped(1);
      else destination.write(`${line(record)}\n`);
    },
    close() {
      closing ??= new Promise((resolve) => {
        destination.once("close", () => resolve());
        destination.flush((error) => (error ? destination.destroy() : destination.end()));
      });
      return closing;
    },
  };
}
