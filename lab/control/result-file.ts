import { existsSync, lstatSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { CodedError, messageOf } from "../../runtime/errors.ts";

/** A file of JSON that is written several times, and is whole at any time. */
export interface ResultFile {
  readonly path: string;
  /** Throws CodedError DISK; what was there before stays then. */
  write(value: unknown): void;
}

/**
 * Writes a first value, and so finds out at once whether the file can be written: throws CodedError USAGE when it cannot.
 * It replaces an earlier drill's.
 */
export function createResultFile(given: string, first: unknown): ResultFile {
  const path = existsSync(given) ? realpathSync(given) : resolve(given);
  // A device or a pipe is written to, and not replaced.
  const replaces = !existsSync(path) || lstatSync(path).isFile();
  function put(value: unknown): void {
    const text = `${JSON.stringify(value, undefined, 2)}\n`;
    if (!replaces) return writeFileSync(path, text);
    const draft = join(dirname(path), `.${basename(path)}.${process.pid}.next`);
    try {
      writeFileSync(draft, text, { mode: 0o600, flush: true });
      renameSync(draft, path);
    } catch (error) {
      rmSync(draft, { force: true });
      throw error;
    }
  }
  try {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw new Error("it is a directory");
    put(first);
  } catch (error) {
    throw new CodedError("USAGE", `cannot write ${given}: ${messageOf(error)}`, { cause: error });
  }
  return {
    path,
    write(value) {
      try {
        put(value);
      } catch (error) {
        throw new CodedError("DISK", `cannot write ${given}: ${messageOf(error)}`, { cause: error });
      }
    },
  };
}
