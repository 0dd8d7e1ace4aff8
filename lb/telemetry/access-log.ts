import { openSync } from "node:fs";
import { pino } from "pino";
import type { Cancel, Clock } from "../../runtime/clock.ts";
import { systemCode } from "../../runtime/errors.ts";
import type { Log } from "../../runtime/log.ts";
import { createIsoTime, haproxyLine, jsonLine } from "./access-line.ts";
import type { RequestRecord } from "../balancer.ts";

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

/** Lines are gathered up to this size, or for this long, before they are written: each write wakes a thread. */
const GATHER_BYTES = 32 * 1024;
const GATHER_MS = 250;
/** What is kept in memory while the disk refuses; after that lines are dropped. */
const MAX_BUFFER_BYTES = 4 * 1024 * 1024;
const NEWLINE = 0x0a;
/** The most that goes to the system at once; more than is gathered. */
const MAX_WRITE_BYTES = 128 * 1024;

/** Opens the file for appending. Throws the system's error: a log that cannot be opened is a wrong configuration. */
export function openAccessLog(
  { path, format }: AccessLogConfig,
  deps: AccessLogDeps & { readonly clock: Clock },
): AccessLog {
  const { clock, log } = deps;
  const destination = pino.destination({
    fd: openSync(path, "a"),
    sync: false,
    // With nothing to gather its flush would not wait for what it is asked to flush.
    minLength: 1,
    maxLength: MAX_BUFFER_BYTES,
    maxWrite: MAX_WRITE_BYTES,
    contentMode: "buffer",
  });
  const timeOf = createIsoTime();
  const line = format === "json" ? (record: RequestRecord) => jsonLine(record, timeOf) : haproxyLine;
  let gathered = Buffer.allocUnsafe(GATHER_BYTES);
  let length = 0;
  let cancelFlush: Cancel | undefined;
  let failing = false;

  // Not left to the destination: text costs it several times as much, and it measures all that it has with each line.
  function gather(text: string) {
    if (length + text.length > GATHER_BYTES) flush();
    if (text.length > GATHER_BYTES) return hand(Buffer.from(text, "latin1"));
    length += gathered.write(text, length, "latin1");
    cancelFlush ??= clock.after(GATHER_MS, flush);
  }

  function flush() {
    cancelFlush?.();
    cancelFlush = undefined;
    if (length === 0) return;
    hand(gathered.subarray(0, length));
    gathered = Buffer.allocUnsafe(GATHER_BYTES);
    length = 0;
  }

  function hand(lines: Buffer) {
    destination.write(lines as unknown as string);
  }

  destination.on("drop", (lines: Buffer) => deps.onDropped(lines.filter((byte) => byte === NEWLINE).length));
  destination.on("error", (error: unknown) => {
    // Every write fails until there is space again: it is logged once.
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
      if (closing) return deps.onDropped(1);
      gather(`${line(record)}\n`);
    },
    close() {
      closing ??= new Promise((resolve) => {
        flush();
        destination.once("close", () => resolve());
        destination.flush((error) => (error ? destination.destroy() : destination.end()));
      });
      return closing;
    },
  };
}
