import { headerValue, type HeaderList, type ResponseHead } from "../exchange.ts";
import { addField, framingOf, readStatusLine, type HeadInProgress } from "./answer-head.ts";
import { createChunkedBody } from "./chunked-body.ts";
import { createLineReader, type Cursor } from "./line-reader.ts";

/** What is found in an answer's bytes, in this order. */
export interface AnswerEvents {
  inform(head: ResponseHead): void;
  head(head: ResponseHead): void;
  /** A piece of the body, in the memory of the bytes that were pushed: it is only lent. */
  body(piece: Buffer): void;
  /** For how long its connection may idle now; 0: not at all; undefined: as long as we like. */
  end(trailers: HeaderList, keepMs: number | undefined): void;
}

/** Reads the answers of one connection, one at a time, out of bytes that come in pieces of any size. */
export interface AnswerParser {
  /** The next answer may come, to a HEAD or to another method. */
  begin(toHead: boolean): void;
  /** Reads the first `length` bytes. Returns what makes them no answer (RFC 9112), if anything; no event follows then. */
  push(bytes: Buffer, length: number): string | undefined;
  /** The connection has ended. True if that was the end of the answer, which is emitted. */
  finish(): boolean;
  /** Emits nothing more, not even of the rest of the bytes that it is reading. */
  stop(): void;
}

/** Bounds a head. */
const MAX_HEAD_BYTES = 16 * 1024;

/** Interim answers before the final one. */
const MAX_INTERIM = 100;

const PROTOCOL = "HTTP/";
const NOTHING = Buffer.alloc(0);
const NO_TRAILERS: HeaderList = [];

/**
 * Strict: lines end in CR LF, fields are not folded, and what two parsers could read in two ways is no answer. Bytes
 * behind an answer are not read, and its connection is not to be used again.
 */
export function createAnswerParser(on: AnswerEvents): AnswerParser {
  const cursor: Cursor = { bytes: NOTHING, at: 0, end: 0 };
  const lines = createLineReader();
  const chunks = createChunkedBody(lines);
  let state: "over" | "status" | "fields" | "sized" | "chunked" | "to-end" = "over";
  let fault: string | undefined;
  let toHead = false;
  let interims = 0;
  let head: HeadInProgress | undefined;
  let keepMs: number | undefined;
  let left = 0;

  function refuse(why: string) {
    fault = why;
    state = "over";
  }

  function end(trailers: HeaderList) {
    state = "over";
    const kept = cursor.at === cursor.end && headerValue(trailers, "connection") === undefined;
    on.end(trailers, kept ? keepMs : 0);
  }

  function expectHead() {
    state = "status";
    lines.allow(MAX_HEAD_BYTES);
  }

  function readHead() {
    const line = lines.next(cursor);
    if (line === undefined) {
      if (lines.bad !== undefined) refuse(lines.bad);
      // Of what is no answer, the end may never come.
      else if (state === "status" && !PROTOCOL.startsWith(lines.partial.slice(0, PROTOCOL.length)))
        refuse("no HTTP");
    } else if (state === "status") {
      head = readStatusLine(line);
      if (head) state = "fields";
      else refuse("a status line that is none");
    } else if (head && line === "") endHead(head);
    else if (head && !addField(head.headers, line)) refuse("a field that is none");
  }

  function endHead(whole: HeadInProgress) {
    head = undefined;
    const { status } = whole;
    if (status < 200) {
      if (status === 101) return refuse("an unsolicited upgrade");
      if (++interims > MAX_INTERIM) return refuse("interim answers without end");
      expectHead();
      return on.inform(whole);
    }
    const framing = framingOf(whole);
    if (typeof framing === "string") return refuse(framing);
    ({ keepMs } = framing);
    const { body } = framing;
    const bodiless = toHead || status === 204 || status === 304;
    left = bodiless || typeof body === "string" ? 0 : body;
    if (bodiless || typeof body !== "string") state = "sized";
    else if (body === "end") {
      state = "to-end";
      keepMs = 0;
    } else {
      state = "chunked";
      chunks.begin();
    }
    on.head(whole);
    // Nothing more may come by which to notice it.
    if (state === "sized" && left === 0) end(NO_TRAILERS);
  }

  function readSized(length: number) {
    left -= length;
    take(length);
    if (state === "sized" && left === 0) end(NO_TRAILERS);
  }

  function take(length: number) {
    const from = cursor.at;
    cursor.at += length;
    on.body(cursor.bytes.subarray(from, cursor.at));
  }

  function readChunked() {
    const found = chunks.step(cursor);
    if (found === "bad") refuse(lines.bad ?? "chunks that are none");
    else if (found === "end") end(chunks.trailers);
    else if (typeof found !== "string") on.body(found);
  }

  return {
    begin(isHead) {
      toHead = isHead;
      interims = 0;
      fault = undefined;
      expectHead();
    },
    push(bytes, length) {
      cursor.bytes = bytes;
      cursor.at = 0;
      cursor.end = length;
      while (state !== "over" && cursor.at < length) {
        if (state === "sized") readSized(Math.min(left, length - cursor.at));
        else if (state === "chunked") readChunked();
        else if (state === "to-end") take(length - cursor.at);
        else readHead();
      }
      cursor.bytes = NOTHING;
      return fault;
    },
    finish() {
      if (state !== "to-end") return false;
      cursor.at = cursor.end = 0;
      end(NO_TRAILERS);
      return true;
    },
    stop() {
      state = "over";
    },
  };
}
