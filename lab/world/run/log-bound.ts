import { copyFileSync, lstatSync, readdirSync, rmSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { every, type Cancel, type Clock } from "../../../runtime/clock.ts";

const LOG_LIMIT_BYTES = 10 * 1024 * 1024;
const LOOK_EVERY_MS = 2000;

/**
 * Keeps the logs of a directory bounded: one that has outgrown the limit is copied to `NAME.1` and emptied. The
 * processes go on writing to the same open file, which must have been opened for appending. Other files in the
 * directory are left alone.
 */
export function boundLogs(dir: string, clock: Clock, limitBytes = LOG_LIMIT_BYTES): Cancel {
  return every(clock, LOOK_EVERY_MS, () => {
    for (const name of namesIn(dir)) if (name.endsWith(".log")) bound(join(dir, name), limitBytes);
  });
}

function namesIn(dir: string): readonly string[] {
  try {
    return readdirSync(dir);
  } catch {
    return []; // removed, or made unreadable; the processes write on
  }
}

function bound(path: string, limitBytes: number): void {
  try {
    // Not through a link: its target may be no file of the lab.
    const found = lstatSync(path);
    if (found.isFile() && found.size > limitBytes) rotate(path);
  } catch {
    // Removed meanwhile, or no longer writable: the next look shows which.
  }
}

function rotate(path: string): void {
  const old = `${path}.1`;
  rmSync(old, { recursive: true, force: true });
  try {
    copyFileSync(path, old);
  } catch {
    // A full disk: old lines are worth less than their space.
    rmSync(old, { force: true });
  }
  truncateSync(path);
}
