import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  writeSync,
} from "node:fs";

/** Lines that are only ever added to: a file, or a model of one. Throws the system's errors. */
export interface LineLog {
  /** All of it; empty where there is none. */
  read(): string;
  /** Adds a line, which is on the disk when this returns. After an error nothing of it is there. */
  append(line: string): void;
}

/** A file of lines, for its owner only. A last line without end, of a writer that was cut off, is removed by the next. */
export function lineFile(path: string): LineLog {
  return {
    read: () => (existsSync(path) ? readFileSync(path, "utf8") : ""),
    append(line) {
      const file = openSync(path, "a+", 0o600);
      try {
        const { size } = fstatSync(file);
        const whole = endOfLines(file, path, size);
        if (whole < size) ftruncateSync(file, whole);
        try {
          const bytes = Buffer.from(`${line}\n`);
          for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
          fsyncSync(file);
        } catch (error) {
          ftruncateSync(file, whole);
          throw error;
        }
      } finally {
        closeSync(file);
      }
    },
  };
}

const NEWLINE = 10;

/** How much of a file of this size is whole lines. */
function endOfLines(file: number, path: string, size: number): number {
  if (size === 0) return 0;
  const last = Buffer.alloc(1);
  readSync(file, last, 0, 1, size - 1);
  return last[0] === NEWLINE ? size : readFileSync(path).lastIndexOf(NEWLINE) + 1;
}
