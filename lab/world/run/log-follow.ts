import { constants, statSync, type Stats } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { every, type Cancel, type Clock } from "../../../runtime/clock.ts";

export interface LogFollowDeps {
  readonly clock: Clock;
  /** Whole lines written since the last call; `missed`: there were others that were not read. */
  readonly onLines: (lines: readonly string[], missed: boolean) => void;
}

/** The balancer writes its lines as often. */
const READ_EVERY_MS = 250;
/** Limit of one read; of more, the newest part is read. */
export const MAX_READ_BYTES = 1024 * 1024;
/** Longer ones are skipped. */
const MAX_LINE_BYTES = 64 * 1024;
const NEWLINE = 0x0a;
/** Without waiting for a writer where somebody has put a pipe in the log's place. */
const { O_RDONLY, O_NONBLOCK } = constants;

/**
 * Follows a file that others append to, from its present end, also where it is emptied or replaced. A file that is missing or
 * cannot be read has no lines until it is back.
 */
export function followLog(path: string, { clock, onLines }: LogFollowDeps): Cancel {
  let stopped = false;
  let busy = false;
  let followed = presentEnd(path);

  async function read(): Promise<NewLines> {
    const file = await open(path, O_RDONLY | O_NONBLOCK).catch(() => undefined);
    try {
      const found = await file?.stat();
      if (!file || !found?.isFile()) {
        followed = undefined;
        return NOTHING_NEW;
      }
      const identity = identityOf(found);
      if (followed?.identity !== identity) followed = { identity, offset: 0, rest: EMPTY, skipping: false };
      return await readOn(followed, { file, size: found.size });
    } finally {
      await file?.close();
    }
  }

  const look = (): void => {
    if (busy) return;
    busy = true;
    // A disk that fails for a moment: the next look reads on from the same place.
    void read()
      .catch(() => NOTHING_NEW)
      .then(({ whole, missed }) => {
        busy = false;
        if (!stopped && (whole.length > 0 || missed)) onLines(whole, missed);
      });
  };
  const stop = every(clock, READ_EVERY_MS, look);
  return () => {
    stopped = true;
    stop();
  };
}

interface NewLines {
  readonly whole: readonly string[];
  readonly missed: boolean;
}

const NOTHING_NEW: NewLines = { whole: [], missed: false };

/** A file, and the position up to which it has been read. */
interface FollowedFile {
  readonly identity: string;
  offset: number;
  /** The beginning of a line whose end is not written yet. */
  rest: Buffer;
  /** True when the bytes up to the next newline end a line whose beginning was not read. */
  skipping: boolean;
}

const EMPTY = Buffer.alloc(0);

/** Identity of a file: another file at the same path has another one. */
const identityOf = ({ dev, ino }: Stats): string => `${dev}:${ino}`;

/** The last byte of a file, which says whether a line ends there; undefined where there is none. */
function presentEnd(path: string): FollowedFile | undefined {
  try {
    const found = statSync(path);
    const offset = Math.max(0, found.size - 1);
    return { identity: identityOf(found), offset, rest: EMPTY, skipping: found.size > 0 };
  } catch {
    return undefined; // the balancer has not opened it yet
  }
}

/** Reads the new bytes up to `size`. */
async function readOn(
  followed: FollowedFile,
  { file, size }: { readonly file: FileHandle; readonly size: number },
): Promise<NewLines> {
  let missed = false;
  if (size < followed.offset) {
    // Truncated: what was written since the last look and before that is lost.
    Object.assign(followed, { offset: 0, rest: EMPTY, skipping: false });
    missed = true;
  }
  if (size - followed.offset > MAX_READ_BYTES) {
    Object.assign(followed, { offset: size - MAX_READ_BYTES, rest: EMPTY, skipping: true });
    missed = true;
  }
  const buffer = Buffer.allocUnsafe(size - followed.offset);
  const { bytesRead } = await file.read(buffer, 0, buffer.length, followed.offset);
  followed.offset += bytesRead;
  let bytes = buffer.subarray(0, bytesRead);
  if (followed.skipping) {
    const end = bytes.indexOf(NEWLINE);
    if (end < 0) return { whole: [], missed };
    bytes = bytes.subarray(end + 1);
    followed.skipping = false;
  }
  const all = followed.rest.length === 0 ? bytes : Buffer.concat([followed.rest, bytes]);
  const end = all.lastIndexOf(NEWLINE) + 1;
  // A copy: a view would keep the whole buffer alive.
  followed.rest = Buffer.from(all.subarray(end));
  if (followed.rest.length > MAX_LINE_BYTES) {
    Object.assign(followed, { rest: EMPTY, skipping: true });
    missed = true;
  }
  const whole = all.toString("utf8", 0, end).split("\n");
  return { whole: whole.filter((line) => line !== ""), missed };
}
