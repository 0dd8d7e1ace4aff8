import { closeSync, openSync, writeFileSync } from "node:fs";
import { CodedError, messageOf } from "../../../runtime/errors.ts";

/** The events of a simulation as a text file: one event a line, in the order in which the digest covers them. */
export interface TraceFile {
  readonly write: (line: string) => void;
  close(): void;
}

/** Characters that are gathered before they are written: a report's hours are a million lines. */
const GATHERED = 1 << 18;

/** Empties the file at `path`, or creates it. Throws CodedError USAGE when that cannot be written, ENVIRONMENT when the disk is full. */
export function openTrace(path: string): TraceFile {
  const file = attempt(path, "USAGE", () => openSync(path, "w"));
  let gathered = "";
  const flush = (): void => {
    attempt(path, "ENVIRONMENT", () => writeFileSync(file, gathered));
    gathered = "";
  };
  return {
    write(line) {
      gathered += `${line}\n`;
      if (gathered.length >= GATHERED) flush();
    },
    close() {
      try {
        flush();
      } finally {
        closeSync(file);
      }
    },
  };
}

function attempt<T>(path: string, code: "USAGE" | "ENVIRONMENT", write: () => T): T {
  try {
    return write();
  } catch (error) {
    throw new CodedError(code, `cannot write the trace ${path}: ${messageOf(error)}`, { cause: error });
  }
}
