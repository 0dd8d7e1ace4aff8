import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** Puts a file in place of another at once: the old one is there whole until the new one is. */
export interface Replacement {
  /** Makes the new one the file. */
  commit(): void;
  /** Leaves the old one; does nothing after `commit`. */
  discard(): void;
}

/** Writes `text` beside `path` down to the disk, so that little can go wrong at `commit`. Throws the system's errors. */
export function prepareReplacement(path: string, text: string): Replacement {
  const temporary = `${path}.new`;
  let done = false;
  const discard = (): void => {
    if (!done) rmSync(temporary, { force: true });
    done = true;
  };
  const file = openSync(temporary, "w", 0o644);
  try {
    try {
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    discard();
    throw error;
  }
  return {
    commit() {
      renameSync(temporary, path);
      done = true;
      syncDirectory(dirname(path));
    },
    discard,
  };
}

/** A rename survives a power cut only once its directory is written. */
function syncDirectory(path: string): void {
  const directory = openSync(path, "r");
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
