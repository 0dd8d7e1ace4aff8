import { headerValue, type ResponseHead } from "../exchange.ts";
import { isFieldText, isToken } from "./field-syntax.ts";
import { headFault } from "./head-fault.ts";
import { asksToKeep, keptMs } from "./kept-ms.ts";

/** A head in the making: its status line is there, its fields come one by one. */
export interface HeadInProgress extends ResponseHead {
  readonly headers: string[];
  /** Of HTTP/1.1; other versions close unless the head asks to keep. */
  readonly persistent: boolean;
}

/** How a final head frames its body, and whether its connection can be kept. */
export interface Framing {
  /** Bytes; `chunked` where chunks give the length, `end` where only the connection's end does. */
  readonly body: number | "chunked" | "end";
  /** For how long the connection may idle then; 0: not at all; undefined: as long as we like. */
  readonly keepMs: number | undefined;
}

/** The reason may be any bytes: it is dropped where it cannot be sent. 2.0 on HTTP/1's wire is an odd way to write 1.1. */
const STATUS_LINE = /^HTTP\/(1\.[01]|2\.0) ([1-5]\d\d)(?: ([^\r]*))?$/;
/** Safe integers only: at most 9 * 10^15. */
const LENGTH = /^\d{1,15}$/;
const LENGTH_NAME = "content-length";

/** Undefined: this is none. */
export function readStatusLine(line: string): HeadInProgress | undefined {
  const [, version, status, reason = ""] = STATUS_LINE.exec(line) ?? [];
  if (status === undefined) return undefined;
  return { status: Number(status), reason, headers: [], persistent: version === "1.1" };
}

/** Reads a field line into `headers`. False: this is none. */
export function addField(headers: string[], line: string): boolean {
  const colon = line.indexOf(":");
  const name = line.slice(0, Math.max(colon, 0));
  if (!isToken(name)) return false;
  const value = withoutSpace(line, colon + 1);
  if (!isFieldText(value)) return false;
  headers.push(name, value);
  return true;
}

/** The framing of a final answer, by its Content-Length or its chunks; a string names the fault of a head without one. */
export function framingOf(head: HeadInProgress): Framing | string {
  const fault = headFault(head);
  if (fault !== undefined) return fault;
  const { headers, persistent } = head;
  const chunked = headerValue(headers, "transfer-encoding") !== undefined;
  let length: string | undefined;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? "";
    if (name.length !== LENGTH_NAME.length || name.toLowerCase() !== LENGTH_NAME) continue;
    if (length !== undefined) return "more than one Content-Length";
    length = headers[i + 1] ?? "";
  }
  if (length !== undefined && !LENGTH.test(length)) return `Content-Length: ${length}`;
  if (chunked && length !== undefined) return "both Content-Length and Transfer-Encoding";
  const keepMs = persistent || (!chunked && asksToKeep(headers)) ? keptMs(headers) : 0;
  if (chunked) return { body: "chunked", keepMs };
  return length === undefined ? { body: "end", keepMs } : { body: Number(length), keepMs };
}

function withoutSpace(line: string, from: number): string {
  let start = from;
  let end = line.length;
  while (start < end && isSpace(line.charCodeAt(start))) start++;
  while (end > start && isSpace(line.charCodeAt(end - 1))) end--;
  return line.slice(start, end);
}

const isSpace = (code: number): boolean => code === 0x20 || code === 0x09;
