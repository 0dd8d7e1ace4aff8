/** Bytes that have come, and how far they are read. */
export interface Cursor {
  bytes: Buffer;
  at: number;
  end: number;
}

/** Takes lines out of bytes that come in pieces of any size. */
export interface LineReader {
  /** Forgets a line that was begun, and lets no more than so many bytes of lines come. */
  allow(bytes: number): void;
  /** The next line, in latin1, without its CR LF. Undefined: its end has not come yet, or it is `bad`. */
  next(cursor: Cursor): string | undefined;
  /** The line that was begun and has not ended. */
  readonly partial: string;
  /** What is wrong with the lines, if anything. */
  readonly bad: string | undefined;
}

const CR = 0x0d;
const LF = 0x0a;

export function createLineReader(): LineReader {
  let bytesLeft = 0;
  const self: LineReader & { partial: string; bad: string | undefined } = {
    partial: "",
    bad: undefined,
    allow(bytes) {
      bytesLeft = bytes;
      self.partial = "";
      self.bad = undefined;
    },
    next(cursor) {
      const { bytes, at, end } = cursor;
      let stop = at;
      while (stop < end && bytes[stop] !== LF) stop++;
      const ended = stop < end;
      cursor.at = ended ? stop + 1 : end;
      bytesLeft -= cursor.at - at;
      if (bytesLeft < 0) return void (self.bad = "lines that are too long");
      const text = self.partial + bytes.toString("latin1", at, stop);
      if (!ended) return void (self.partial = text);
      self.partial = "";
      if (text.charCodeAt(text.length - 1) !== CR)
        return void (self.bad = "a line that does not end in CR LF");
      return text.slice(0, -1);
    },
  };
  return self;
}
