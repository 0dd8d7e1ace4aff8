import { copyFileSync, existsSync, readdirSync, rmSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { every, type Cancel, type Clock } from "../../../runtime/clock.ts";

export const LOG_LIMIT_BYTES = 10 * 1024 * 1024;
const LOOK_EVERY_MS = 2000;

/**
 * Keeps the logs of a directory bounded: one that has outgrown the limit is copied to `NAME.1` and emptied. The
 * processes go on writing to the same open file, which must have been opened for appending.
 */
export function boundLogs(dir: string, clock: Clock, limitBytes = LOG_LIMIT_BYTES): Cancel {
  return every(clock, LOOK_EVERY_MS, () => {
    if (!existsSync(dir)) return; // somebody tidied up; the processes write on into nothing
    for (const name of readdirSync(dir)) {
      const path = join(dir, name);
      if (name.endsWith(".log") && statSync(path).size > limitBytes) rotate(path);
    }
  });
}

function rotate(path: string): void {
  try {
    copyFileSync(path, `${path}.1`);
  } catch {
    // A full disk: old lines are worth less than the space they hold.
    rmSync(`${path}.1`, { force: true });
  }
  truncateSync(path);
}
