import { cut, invalid, relayed, type AnswerCase } from "./answer-case.ts";
import { head } from "./request-case.ts";

const OK = "HTTP/1.1 200 OK";
const sized = (length: string, body: string): string => head(OK, `Content-Length: ${length}`) + body;
const chunked = (body: string): string => head(OK, "Transfer-Encoding: chunked") + body;
const ABC = "3\r\nabc\r\n0\r\n\r\n";
/** What would be taken for the answer to the next request. */
const POISON = head("HTTP/1.1 200 OK", "X-Poison: 1", "Content-Length: 6") + "poison";

/** What delimits an answer's body, answers without one, and bytes behind it. */
export const ANSWER_BODIES: readonly AnswerCase[] = [
  // Content-Length.
  relayed("RFC 9112, 6.2", "a length", sized("3", "abc"), 200, { body: "abc", has: ["content-length: 3"] }),
  relayed("RFC 9112, 6.2", "a length of zero", sized("0", ""), 200, { has: ["content-length: 0"] }),
  relayed("RFC 9112, 6.3", "no length: the body ends with the connection", `${head(OK)}abc`, 200, {
    body: "abc",
    ending: "end",
  }),
  relayed("RFC 9112, 6.3", "no length and nothing: an empty body", head(OK), 200, { ending: "end" }),
  cut("RFC 9112, 8", "no length, and a reset", `${head(OK)}abc`, { ending: "reset" }),
  cut("RFC 9112, 8", "no length, and a reset, to HTTP/1.0", `${head(OK)}abc`, {
    ending: "reset",
    version: "1.0",
  }),
  cut("RFC 9112, 8", "less than the length, and an end", sized("5", "abc"), { ending: "end" }),
  cut("RFC 9112, 8", "less than the length, and a reset", sized("5", "abc"), { ending: "reset" }),
  cut("RFC 9112, 8", "nothing of the length, and an end", sized("5", ""), { ending: "end" }),
  cut("RFC 9112, 8", "less than the length, and an end, to HTTP/1.0", sized("5", "abc"), {
    ending: "end",
    version: "1.0",
  }),
  ...[
    ["that is negative", "-3"],
    ["with a plus", "+3"],
    ["in hexadecimal", "0x3"],
    ["with a letter", "3a"],
    ["with a space in it", "1 3"],
    ["that is empty", ""],
    ["that is a list", "3, 3"],
    ["that is a list of different ones", "3, 4"],
    ["beyond 64 bits", "18446744073709551619"],
    ["beyond all numbers", "9".repeat(400)],
  ].map(([what = "", length = ""]) =>
    invalid("RFC 9110, 8.6", `a length ${what}`, sized(length, "abc"), { ending: "end" }),
  ),
  invalid(
    "RFC 9112, 6.3",
    "two lengths that differ",
    head(OK, "Content-Length: 3", "Content-Length: 4") + "abcd",
    { ending: "end" },
  ),
  invalid(
    "RFC 9112, 6.3",
    "two lengths that agree",
    head(OK, "Content-Length: 3", "Content-Length: 3") + "abc",
    { ending: "end" },
  ),

  // Transfer-Encoding.
  relayed("RFC 9112, 6.1", "chunks", chunked(ABC), 200, { body: "abc", has: ["transfer-encoding: chunked"] }),
  relayed("RFC 9112, 6.1", "chunks to HTTP/1.0, which knows none", chunked(ABC), 200, {
    body: "abc",
    version: "1.0",
    lacks: ["transfer-encoding"],
  }),
  relayed("RFC 9112, 7.1", "no chunk but the last", chunked("0\r\n\r\n"), 200),
  relayed("RFC 9112, 7.1.1", "extensions, which are dropped", chunked('3;a="b"\r\nabc\r\n0;c\r\n\r\n'), 200, {
    body: "abc",
  }),
  relayed("RFC 9112, 7.1.2", "trailers", chunked("3\r\nabc\r\n0\r\nX-Sum: 7\r\n\r\n"), 200, {
    body: "abc",
    trailers: ["x-sum: 7"],
  }),
  relayed(
    "RFC 9110, 6.5.1",
    "trailers that belong to a connection or frame a message",
    chunked("3\r\nabc\r\n0\r\nConnection: close\r\nKeep-Alive: x\r\nX-Sum: 7\r\n\r\n"),
    200,
    { body: "abc", trailers: ["x-sum: 7"] },
  ),
  invalid(
    "RFC 9112, 6.3",
    "a coding and a length",
    head(OK, "Transfer-Encoding: chunked", "Content-Length: 3") + ABC,
  ),
  invalid(
    "RFC 9112, 6.3",
    "a length and a coding",
    head(OK, "Content-Length: 3", "Transfer-Encoding: chunked") + ABC,
  ),
  invalid("RFC 9112, 6.1", "an unknown coding", head(OK, "Transfer-Encoding: gzip") + "abc", {
    ending: "end",
  }),
  invalid("RFC 9112, 6.1", "a coding before chunked", head(OK, "Transfer-Encoding: gzip, chunked") + ABC),
  invalid(
    "RFC 9112, 6.1",
    "a coding in a field before chunked",
    head(OK, "Transfer-Encoding: gzip", "Transfer-Encoding: chunked") + ABC,
  ),
  invalid("RFC 9112, 6.1", "a coding behind chunked", head(OK, "Transfer-Encoding: chunked, gzip") + ABC, {
    ending: "end",
  }),
  invalid(
    "RFC 9112, 6.1",
    "identity, which is none any more",
    head(OK, "Transfer-Encoding: identity") + "abc",
    { ending: "end" },
  ),
  invalid("RFC 9112, 6.1", "chunked twice", head(OK, "Transfer-Encoding: chunked, chunked") + ABC, {
    ending: "end",
  }),
  invalid("RFC 9112, 6.1", "chunked that is not quite", head(OK, "Transfer-Encoding: xchunked") + ABC, {
    ending: "end",
  }),
  invalid("RFC 9112, 6.1", "an empty coding", head(OK, "Transfer-Encoding:") + ABC, { ending: "end" }),
  relayed(
    "RFC 9112, 6.1",
    "chunks in HTTP/1.0, behind which its connection is not used again",
    head("HTTP/1.0 200 OK", "Transfer-Encoding: chunked") + ABC,
    200,
    { body: "abc" },
  ),
  ...[
    ["a size that is none", "zz\r\nabc\r\n0\r\n\r\n"],
    ["a negative size", "-3\r\nabc\r\n0\r\n\r\n"],
    ["a size beyond 64 bits", "10000000000000003\r\nabc\r\n0\r\n\r\n"],
    ["a space before the size", " 3\r\nabc\r\n0\r\n\r\n"],
    ["a chunk that is longer than its size", "2\r\nabc\r\n0\r\n\r\n"],
    ["a chunk that is shorter than its size", "4\r\nabc\r\n0\r\n\r\n"],
    ["a bare LF behind a size", "3\nabc\r\n0\r\n\r\n"],
    ["a bare LF behind a chunk", "3\r\nabc\n0\r\n\r\n"],
    ["a trailer that is none", "3\r\nabc\r\n0\r\nnonsense\r\n\r\n"],
    ["a length in the trailers", "3\r\nabc\r\n0\r\nContent-Length: 9\r\n\r\n"],
  ].map(([what = "", body = ""]) => cut("RFC 9112, 7.1", what, chunked(body))),
  ...[
    ["in a size", "3\r\nabc\r\n1"],
    ["in a chunk", "5\r\nabc"],
    ["behind a chunk", "3\r\nabc\r\n"],
    ["before the last empty line", "3\r\nabc\r\n0\r\n"],
    ["in the trailers", "3\r\nabc\r\n0\r\nX-Su"],
  ].flatMap(([where = "", body = ""]) => [
    cut("RFC 9112, 8", `an end ${where}`, chunked(body), { ending: "end" }),
    cut("RFC 9112, 8", `a reset ${where}`, chunked(body), { ending: "reset" }),
    cut("RFC 9112, 8", `an end ${where}, to HTTP/1.0`, chunked(body), { ending: "end", version: "1.0" }),
  ]),

  // Answers without a body, whatever their fields.
  relayed("RFC 9110, 9.3.2", "HEAD with a length", head(OK, "Content-Length: 12345"), 200, {
    method: "HEAD",
    has: ["content-length: 12345"],
  }),
  relayed("RFC 9110, 9.3.2", "HEAD with a coding", head(OK, "Transfer-Encoding: chunked"), 200, {
    method: "HEAD",
  }),
  relayed("RFC 9110, 9.3.2", "HEAD with neither", head(OK), 200, { method: "HEAD" }),
  relayed("RFC 9110, 9.3.2", "HEAD with a body all the same", sized("3", "abc"), 200, { method: "HEAD" }),
  relayed("RFC 9110, 9.3.2", "HEAD with an answer for a body", sized(String(POISON.length), POISON), 200, {
    method: "HEAD",
  }),
  relayed("RFC 9110, 15.3.5", "204", head("HTTP/1.1 204 No Content"), 204),
  relayed(
    "RFC 9110, 8.6",
    "204 with a length of zero",
    head("HTTP/1.1 204 No Content", "Content-Length: 0"),
    204,
    { lacks: ["content-length"] },
  ),
  relayed("RFC 9110, 8.6", "204 with a length", head("HTTP/1.1 204 No Content", "Content-Length: 3"), 204, {
    lacks: ["content-length"],
  }),
  relayed(
    "RFC 9110, 8.6",
    "204 with a length and a body",
    head("HTTP/1.1 204 No Content", "Content-Length: 3") + "abc",
    204,
    { lacks: ["content-length"] },
  ),
  relayed(
    "RFC 9112, 6.1",
    "204 with a coding",
    head("HTTP/1.1 204 No Content", "Transfer-Encoding: chunked"),
    204,
    { lacks: ["transfer-encoding"] },
  ),
  relayed("RFC 9112, 6.3", "204 with an answer behind it", head("HTTP/1.1 204 No Content") + POISON, 204),
  relayed("RFC 9110, 15.4.5", "304", head("HTTP/1.1 304 Not Modified", "ETag: x"), 304, { has: ["etag: x"] }),
  relayed(
    "RFC 9110, 15.4.5",
    "304 with the length of what it does not send",
    head("HTTP/1.1 304 Not Modified", "Content-Length: 1000"),
    304,
  ),
  relayed(
    "RFC 9110, 15.4.5",
    "304 with a coding",
    head("HTTP/1.1 304 Not Modified", "Transfer-Encoding: chunked"),
    304,
    { lacks: ["transfer-encoding"] },
  ),
  relayed("RFC 9112, 6.3", "304 with an answer behind it", head("HTTP/1.1 304 Not Modified") + POISON, 304),
  relayed(
    "RFC 9110, 15.3.6",
    "205 with a length of zero",
    head("HTTP/1.1 205 Reset Content", "Content-Length: 0"),
    205,
  ),

  // Bytes behind the answer.
  relayed("RFC 9112, 6.3", "an answer behind a body with a length", sized("3", "abc") + POISON, 200, {
    body: "abc",
  }),
  relayed("RFC 9112, 6.3", "more bytes than the length", sized("3", "abcdef"), 200, { body: "abc" }),
  relayed("RFC 9112, 6.3", "an answer behind chunks", chunked(ABC) + POISON, 200, { body: "abc" }),
  relayed("RFC 9112, 6.3", "an answer behind an empty body", sized("0", "") + POISON, 200),
  relayed(
    "RFC 9112, 6.3",
    "an answer behind the answer to HEAD",
    head(OK, "Content-Length: 3") + POISON,
    200,
    { method: "HEAD" },
  ),
  relayed("RFC 9112, 6.3", "a line end behind the body", `${sized("3", "abc")}\r\n`, 200, { body: "abc" }),
  relayed(
    "RFC 9112, 6.3",
    "an interim answer behind the body",
    sized("3", "abc") + head("HTTP/1.1 103 E"),
    200,
    { body: "abc" },
  ),
  relayed(
    "RFC 9112, 6.3",
    "the beginning of an answer behind the body",
    `${sized("3", "abc")}HTTP/1.1 200 OK\r\nX-Poison: `,
    200,
    { body: "abc" },
  ),
];
