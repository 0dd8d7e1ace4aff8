import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";

/** The disk under a journal. Throws the system's errors. */
export interface JournalFile {
  /** Writes from `offset` on, and returns how many bytes were taken. */
  write(bytes: Uint8Array, offset: number): number;
  /** Returns when everything written has reached the disk. */
  sync(): void;
  /** False when the path no longer names this file: somebody removed, moved or replaced it. */
  isKept(): boolean;
  /** Writes a text beside the journal, under this name; one that is there already stays. */
  keepText(name: string, text: string): void;
  close(): void;
}

export type OpenJournalFile = (path: string) => JournalFile;

/** Folder beside a journal for what is too long for its lines. */
export const TEXTS = "texts";

/** Opens a new file for appending: two drills never share a record. */
export const openJournalFile: OpenJournalFile = (path) => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const file = openSync(path, "ax", 0o600);
  const { dev, ino } = fstatSync(file);
  return {
    write: (bytes, offset) => writeSync(file, bytes, offset),
    sync: () => fsyncSync(file),
    isKept() {
      const now = statSync(path, { throwIfNoEntry: false });
      return now?.dev === dev && now.ino === ino;
    },
    keepText(name, text) {
      const folder = join(dirname(path), TEXTS);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const kept = join(folder, name);
      if (!existsSync(kept)) writeFileSync(kept, text, { mode: 0o600, flush: true });
    },
    close: () => closeSync(file),
  };
};
