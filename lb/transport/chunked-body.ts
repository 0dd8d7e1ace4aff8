import { addField } from "./answer-head.ts";
import type { Cursor, LineReader } from "./line-reader.ts";

/** Takes the chunks (RFC 9112, 7.1) off an answer's body. */
export interface ChunkedBody {
  begin(): void;
  /**
   * Goes on by one piece or line: a piece of the body, in the cursor's memory; `line` for what is none; `more` when
   * bytes are missing; `end` behind the last empty line; `bad` when these are no chunks.
   */
  step(cursor: Cursor): Buffer | "line" | "more" | "end" | "bad";
  /** The fields behind the last chunk. */
  readonly trailers: readonly string[];
}

/** Bounds a chunk's line, all extensions of an answer together, and its trailers. */
const MAX_LINES_BYTES = 16 * 1024;

const CHUNK_LINE = /^([0-9a-fA-F]{1,16})(;[\t\x20-\x7e\x80-\xff]*)?$/;
const NO_FIELDS: readonly string[] = [];
const CR = 0x0d;
const LF = 0x0a;

/** Its lines come from `lines`, which it shares with the head. */
export function createChunkedBody(lines: LineReader): ChunkedBody {
  let state: "size" | "data" | "cr" | "lf" | "trailers" = "size";
  let left = 0;
  let extensionBytesLeft = 0;
  let fields: string[] = [];

  function expect(next: "size" | "trailers"): "line" {
    state = next;
    lines.allow(MAX_LINES_BYTES);
    return "line";
  }

  function readSize(line: string): "line" | "bad" {
    const [, digits, extension = ""] = CHUNK_LINE.exec(line) ?? [];
    left = Number.parseInt(digits ?? "", 16);
    extensionBytesLeft -= extension.length;
    if (!Number.isSafeInteger(left) || extensionBytesLeft < 0) return "bad";
    if (left === 0) return expect("trailers");
    state = "data";
    return "line";
  }

  function readTrailer(line: string): "line" | "end" | "bad" {
    if (line === "") {
      self.trailers = fields;
      return "end";
    }
    return addField(fields, line) && !FRAMES.test(fields.at(-2) ?? "") ? "line" : "bad";
  }

  const self: ChunkedBody & { trailers: readonly string[] } = {
    trailers: NO_FIELDS,
    begin() {
      extensionBytesLeft = MAX_LINES_BYTES;
      if (fields.length > 0) fields = [];
      self.trailers = NO_FIELDS;
      expect("size");
    },
    step(cursor) {
      if (state === "size" || state === "trailers") {
        const line = lines.next(cursor);
        if (line === undefined) return lines.bad === undefined ? "more" : "bad";
        return state === "size" ? readSize(line) : readTrailer(line);
      }
      if (cursor.at === cursor.end) return "more";
      if (state === "data") {
        const from = cursor.at;
        cursor.at = Math.min(from + left, cursor.end);
        left -= cursor.at - from;
        if (left === 0) state = "cr";
        return cursor.bytes.subarray(from, cursor.at);
      }
      const byte = cursor.bytes[cursor.at++];
      if (byte !== (state === "cr" ? CR : LF)) return "bad";
      if (state === "lf") return expect("size");
      state = "lf";
      return "line";
    },
  };
  return self;
}

/** A trailer that would frame the message which it is the end of. */
const FRAMES = /^(?:content-length|transfer-encoding)$/i;
