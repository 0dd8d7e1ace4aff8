import type { RefusalReason } from "../../reasons.ts";
import type { RefusedRequest } from "./rejection.ts";
import { isToken } from "../../transport/field-syntax.ts";

/** What node's parser, or its timer, found wrong with a client's bytes. */
export interface ParserError {
  /** The system's code. */
  readonly code: string | undefined;
  readonly message: string;
  /** The bytes that it was reading, and how many of them were right. */
  readonly rawPacket?: Buffer | undefined;
  readonly bytesParsed?: number | undefined;
}

/** Why they are refused; undefined when the connection itself broke and no answer can be sent. */
export interface ParserRefusal {
  readonly reason: RefusalReason;
  readonly detail: string;
  /** What could be read of the request, where that was whole. */
  readonly request: RefusedRequest | undefined;
}

export function refusalOfParserError(error: ParserError): ParserRefusal | undefined {
  const { code, message } = error;
  if (code === undefined || code === "HPE_INVALID_EOF_STATE") return undefined;
  const reason = BOTH_FRAMINGS.test(message)
    ? "length-and-coding"
    : (REASON_OF_CODE[code] ?? (code.startsWith("HPE_") ? "malformed" : undefined));
  if (reason === undefined) return undefined;
  const request = reason === "method-malformed" ? requestLineOf(error) : undefined;
  return { reason: request ? "method-unknown" : reason, detail: `${code}: ${message}`, request };
}

/** llhttp's errors, as node names them. */
const REASON_OF_CODE: Readonly<Record<string, RefusalReason>> = {
  ERR_HTTP_REQUEST_TIMEOUT: "head-slow",
  HPE_HEADER_OVERFLOW: "head-too-large",
  HPE_INVALID_METHOD: "method-malformed",
  HPE_INVALID_URL: "target-malformed",
  HPE_INVALID_VERSION: "version-malformed",
  HPE_INVALID_CONSTANT: "version-malformed",
  HPE_INVALID_HEADER_TOKEN: "field-malformed",
  HPE_INVALID_CONTENT_LENGTH: "length-malformed",
  HPE_UNEXPECTED_CONTENT_LENGTH: "length-repeated",
  HPE_INVALID_TRANSFER_ENCODING: "coding-malformed",
  HPE_INVALID_CHUNK_SIZE: "body-malformed",
  HPE_CHUNK_EXTENSIONS_OVERFLOW: "body-malformed",
  HPE_CR_EXPECTED: "line-malformed",
  HPE_LF_EXPECTED: "line-malformed",
};

/** The second of the two that came, whichever it was, has the error. */
const BOTH_FRAMINGS = /can't be present with/;

const REQUEST_LINE = /^(\S+) +(\S+) +HTTP\/(1\.[01])\r?$/;

/**
 * node's parser ends at the first letter that no method which it knows goes on with. A line that is one but for that has a
 * method of another protocol (RFC 9110, 9.1: 501). It is only looked for in the bytes that came with that letter.
 */
function requestLineOf({ rawPacket, bytesParsed = 0 }: ParserError): RefusedRequest | undefined {
  if (!rawPacket) return undefined;
  const begin = bytesParsed === 0 ? 0 : rawPacket.lastIndexOf(LF, bytesParsed - 1) + 1;
  const end = rawPacket.indexOf(LF, begin);
  if (end === -1) return undefined;
  const [, method = "", url = "", httpVersion = ""] =
    REQUEST_LINE.exec(rawPacket.toString("latin1", begin, end)) ?? [];
  return isToken(method) ? { method, url, httpVersion } : undefined;
}

const LF = 0x0a;
