import { broken, head, passed, refused, type RequestCase } from "./request-case.ts";

const POST = "POST /x HTTP/1.1";
const HOST = "Host: a";
const sized = (length: string, body: string): string => head(POST, HOST, `Content-Length: ${length}`) + body;
const coded = (...codings: readonly string[]): string =>
  head(POST, HOST, ...codings.map((coding) => `Transfer-Encoding: ${coding}`)) + "3\r\nabc\r\n0\r\n\r\n";
const chunked = (body: string): string => head(POST, HOST, "Transfer-Encoding: chunked") + body;
const INNER = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";

/** What delimits a request's body, and bodies in chunks. */
export const REQUEST_BODIES: readonly RequestCase[] = [
  // Content-Length.
  passed("RFC 9112, 6.2", "a length", sized("3", "abc"), "POST /x", {
    body: "abc",
    has: ["content-length: 3"],
  }),
  passed("RFC 9112, 6.2", "a length of zero", sized("0", ""), "POST /x"),
  passed("RFC 9110, 8.6", "a length with zeros before it", sized("003", "abc"), "POST /x", { body: "abc" }),
  passed("RFC 9112, 6.3", "no length and no coding: no body", head(POST, HOST), "POST /x"),
  passed(
    "RFC 9110, 9.3.1",
    "a body with GET",
    head("GET /x HTTP/1.1", HOST, "Content-Length: 3") + "abc",
    "GET /x",
    { body: "abc" },
  ),
  passed(
    "RFC 9110, 9.3.1",
    "a request in the body of a GET",
    head("GET /x HTTP/1.1", HOST, `Content-Length: ${INNER.length}`) + INNER,
    "GET /x",
    { body: INNER },
  ),
  passed(
    "RFC 9110, 9.3.2",
    "a body with HEAD",
    head("HEAD /x HTTP/1.1", HOST, "Content-Length: 3") + "abc",
    "HEAD /x",
    { body: "abc" },
  ),
  passed(
    "RFC 9110, 9.3.5",
    "a body with DELETE",
    head("DELETE /x HTTP/1.1", HOST, "Content-Length: 3") + "abc",
    "DELETE /x",
    { body: "abc" },
  ),
  passed(
    "RFC 9110, 9.3.7",
    "a body with OPTIONS",
    head("OPTIONS /x HTTP/1.1", HOST, "Content-Length: 3") + "abc",
    "OPTIONS /x",
    { body: "abc" },
  ),
  passed(
    "RFC 9112, 6.3",
    "a length in HTTP/1.0",
    head("POST /x HTTP/1.0", "Content-Length: 3") + "abc",
    "POST /x",
    { body: "abc", closes: true },
  ),
  ...[
    ["that is negative", "-3"],
    ["with a plus", "+3"],
    ["in hexadecimal", "0x3"],
    ["with a letter", "3a"],
    ["with a fraction", "3.0"],
    ["with an exponent", "3e0"],
    ["with a space in it", "1 3"],
    ["that is empty", ""],
    ["that is a list", "3, 3"],
    ["that is a list of different ones", "3, 4"],
    ["that ends in a comma", "3,"],
    ["beyond 64 bits", "18446744073709551619"],
    ["beyond all numbers", "9".repeat(400)],
    ["in other digits", "\xb3"],
    ["in quotes", '"3"'],
    ["with a vertical tab", "3\x0b"],
    ["with a NUL", "3\0"],
  ].map(([what = "", length = ""]) => refused("RFC 9110, 8.6", `a length ${what}`, sized(length, "abc"))),
  refused(
    "RFC 9112, 6.3",
    "two lengths that differ",
    head(POST, HOST, "Content-Length: 3", "Content-Length: 4") + "abcd",
  ),
  refused(
    "RFC 9112, 6.3",
    "two lengths that agree",
    head(POST, HOST, "Content-Length: 3", "Content-Length: 3") + "abc",
  ),
  refused(
    "RFC 9112, 6.3",
    "two lengths, one of which is none",
    head(POST, HOST, "Content-Length: 3", "Content-Length:") + "abc",
  ),

  // Transfer-Encoding.
  passed("RFC 9112, 6.1", "chunked", coded("chunked"), "POST /x", {
    body: "abc",
    has: ["transfer-encoding: chunked"],
    lacks: ["content-length"],
  }),
  passed("RFC 9112, 6.1", "chunked in upper case", coded("CHUNKED"), "POST /x", { body: "abc" }),
  passed("RFC 9112, 6.1", "chunked with a tab before it", coded("\tchunked"), "POST /x", { body: "abc" }),
  passed("RFC 9112, 6.1", "chunked with spaces around it", coded("  chunked  "), "POST /x", { body: "abc" }),
  ...["GET", "DELETE", "OPTIONS", "PUT", "PATCH", "PROPFIND"].map((method) =>
    passed(
      "RFC 9112, 6.1",
      `${method} in chunks, with a request in them`,
      head(`${method} /x HTTP/1.1`, HOST, "Transfer-Encoding: chunked") +
        `${INNER.length.toString(16)}\r\n${INNER}\r\n0\r\n\r\n`,
      `${method} /x`,
      { body: INNER },
    ),
  ),
  refused("RFC 9112, 6.1", "another coding", coded("gzip"), 501),
  refused("RFC 9112, 6.1", "another coding before chunked", coded("gzip, chunked"), 501),
  refused("RFC 9112, 6.1", "another coding in a field before chunked", coded("gzip", "chunked"), 501),
  refused("RFC 9112, 6.1", "identity, which is none any more", coded("identity"), 501),
  refused("RFC 9112, 6.1", "identity before chunked", coded("identity, chunked"), 501),
  refused("RFC 9112, 6.3", "chunked not last", coded("chunked, gzip")),
  refused("RFC 9112, 6.3", "chunked not last, in fields of their own", coded("chunked", "gzip")),
  refused("RFC 9112, 6.3", "chunked, then identity", coded("chunked, identity")),
  refused("RFC 9112, 6.1", "chunked twice", coded("chunked, chunked")),
  refused("RFC 9112, 6.1", "chunked twice, in fields of their own", coded("chunked", "chunked")),
  refused("RFC 9112, 6.1", "chunked that is not quite", coded("xchunked"), 501),
  refused("RFC 9112, 6.1", "chunked with more behind it", coded("chunkedx"), 501),
  refused("RFC 9112, 6.1", "chunked in quotes", coded('"chunked"'), 501),
  refused("RFC 9112, 6.1", "chunked with a parameter", coded("chunked;a=b"), 501),
  refused("RFC 9112, 6.1", "chunked behind a comma", coded(", chunked")),
  refused("RFC 9112, 6.1", "chunked before a comma", coded("chunked,")),
  refused("RFC 9112, 6.1", "chunked behind a vertical tab", coded("\x0bchunked")),
  refused("RFC 9112, 6.1", "chunked with a NUL", coded("chunked\0")),
  refused("RFC 9112, 6.1", "an empty coding", coded("")),
  refused("RFC 9112, 6.1", "an empty coding beside chunked", coded("", "chunked")),
  refused(
    "RFC 9112, 6.1",
    "a coding in HTTP/1.0",
    "POST /x HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  ),
  refused(
    "RFC 9112, 6.3",
    "a coding and a length",
    head(POST, HOST, "Transfer-Encoding: chunked", "Content-Length: 3") + "0\r\n\r\n",
  ),
  refused(
    "RFC 9112, 6.3",
    "a length and a coding",
    head(POST, HOST, "Content-Length: 3", "Transfer-Encoding: chunked") + "0\r\n\r\n",
  ),
  refused(
    "RFC 9112, 6.3",
    "a length of zero and a coding",
    head(POST, HOST, "Content-Length: 0", "Transfer-Encoding: chunked") + "0\r\n\r\n",
  ),
  refused(
    "RFC 9112, 6.3",
    "a length and an unknown coding",
    head(POST, HOST, "Content-Length: 3", "Transfer-Encoding: x") + "abc",
  ),

  // Chunks.
  passed("RFC 9112, 7.1", "several chunks", chunked("1\r\na\r\n2\r\nbc\r\n0\r\n\r\n"), "POST /x", {
    body: "abc",
  }),
  passed("RFC 9112, 7.1", "no chunk but the last", chunked("0\r\n\r\n"), "POST /x"),
  passed(
    "RFC 9112, 7.1",
    "zeros before a size, and a last size of zeros",
    chunked("0003\r\nabc\r\n000\r\n\r\n"),
    "POST /x",
    { body: "abc" },
  ),
  passed(
    "RFC 9112, 7.1",
    "sizes in either case",
    chunked("a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n"),
    "POST /x",
    { body: "01234567890123456789" },
  ),
  passed(
    "RFC 9112, 7.1.1",
    "extensions, which are dropped",
    chunked('3;a=b;c="d"\r\nabc\r\n0;e\r\n\r\n'),
    "POST /x",
    { body: "abc" },
  ),
  passed(
    "RFC 9112, 7.1.2",
    "trailers, which are dropped",
    chunked("3\r\nabc\r\n0\r\nX-Sum: 7\r\nHost: b\r\n\r\n"),
    "POST /x",
    { body: "abc", lacks: ["x-sum"] },
  ),
  ...[
    ["a size that is none", "zz\r\nabc\r\n0\r\n\r\n"],
    ["no size", "\r\nabc\r\n0\r\n\r\n"],
    ["a negative size", "-3\r\nabc\r\n0\r\n\r\n"],
    ["a size with a plus", "+3\r\nabc\r\n0\r\n\r\n"],
    ["a size that says 0x", "0x3\r\nabc\r\n0\r\n\r\n"],
    ["a space before the size", " 3\r\nabc\r\n0\r\n\r\n"],
    ["a space behind the size", "3 \r\nabc\r\n0\r\n\r\n"],
    ["a tab behind the size", "3\t\r\nabc\r\n0\r\n\r\n"],
    ["a size of two numbers", "3 3\r\nabc\r\n0\r\n\r\n"],
    ["a size beyond 64 bits", "10000000000000003\r\nabc\r\n0\r\n\r\n"],
    ["a size beyond all numbers", `${"f".repeat(400)}\r\nabc\r\n0\r\n\r\n`],
    ["a NUL behind the size", "3\0\r\nabc\r\n0\r\n\r\n"],
    ["a chunk that is longer than its size", "2\r\nabc\r\n0\r\n\r\n"],
    ["a chunk that is shorter than its size", "4\r\nabc\r\n0\r\n\r\n"],
    ["no line end behind a chunk", "3\r\nabc0\r\n\r\n"],
    ["a bare LF behind a size", "3\nabc\r\n0\r\n\r\n"],
    ["a bare LF behind a chunk", "3\r\nabc\n0\r\n\r\n"],
    ["a bare CR behind a size", "3\rabc\r\n0\r\n\r\n"],
    ["a bare LF behind the last size", "3\r\nabc\r\n0\n\r\n"],
    ["a bare LF at the end", "3\r\nabc\r\n0\r\n\n"],
    ["a bare LF for an extension's end", "3;a\nabc\r\n0\r\n\r\n"],
    ["a bare LF in an extension", "3;a\nb\r\nabc\r\n0\r\n\r\n"],
    ["a bare CR in an extension", "3;a\rb\r\nabc\r\n0\r\n\r\n"],
    ["a NUL in an extension", "3;a\0b\r\nabc\r\n0\r\n\r\n"],
    ["an extension without end", `3;${"x".repeat(40_000)}\r\nabc\r\n0\r\n\r\n`],
    ["a quoted extension without end", '3;a="\r\nabc\r\n0\r\n\r\n'],
  ].map(([what = "", body = ""]) => broken("RFC 9112, 7.1", what, chunked(body))),
  ...[
    ["no colon", "X-Sum"],
    ["a space before the colon", "X-Sum : 1"],
    ["a bare LF", "X-Sum: 1\nX: 2"],
    ["a bare CR", "X-Sum: 1\rX: 2"],
    ["a fold", "X-Sum: 1\r\n 2"],
    ["a NUL", "X-Sum: \0"],
    ["no name", ": 1"],
    ["a length", "Content-Length: 9"],
    ["a coding", "Transfer-Encoding: chunked"],
    ["no end", `X-Sum: ${"x".repeat(40_000)}`],
  ].map(([what = "", trailer = ""]) =>
    broken("RFC 9112, 7.1.2", `a trailer with ${what}`, chunked(`3\r\nabc\r\n0\r\n${trailer}\r\n\r\n`)),
  ),

  // Upgrades that are ignored: the request is an ordinary one, and its connection's last.
  ...[
    ["h2c, as Java's HttpClient and curl --http2 do", "h2c"],
    ["TLS, as Apache's HttpClient does", "TLS/1.2"],
    ["tcp, as docker exec does", "tcp"],
    ["websocket, which is allowed", "websocket"],
    ["several protocols", "h2c, websocket"],
  ].flatMap(([what = "", protocol = ""]) => {
    const fields = [
      "Connection: Upgrade, HTTP2-Settings",
      `Upgrade: ${protocol}`,
      "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA",
    ];
    const lacks = ["upgrade", "http2-settings"];
    return [
      passed(
        "RFC 9110, 7.8",
        `a length beside an Upgrade to ${what}`,
        head(POST, HOST, ...fields, "Content-Length: 3") + "abc",
        "POST /x",
        { body: "abc", lacks, closes: true },
      ),
      passed(
        "RFC 9110, 7.8",
        `chunks beside an Upgrade to ${what}`,
        head(POST, HOST, ...fields, "Transfer-Encoding: chunked") + "3\r\nabc\r\n0\r\n\r\n",
        "POST /x",
        { body: "abc", lacks, closes: true },
      ),
    ];
  }),
  passed(
    "RFC 9110, 7.8",
    "a length beside an Upgrade to nothing",
    head(POST, HOST, "Connection: upgrade", "Upgrade:", "Content-Length: 3") + "abc",
    "POST /x",
    { body: "abc", lacks: ["upgrade"] },
  ),
  refused(
    "RFC 9112, 6.3",
    "two framings beside an Upgrade",
    head(
      POST,
      HOST,
      "Connection: upgrade",
      "Upgrade: h2c",
      "Content-Length: 3",
      "Transfer-Encoding: chunked",
    ) + "0\r\n\r\n",
  ),
  passed(
    "RFC 9110, 7.8",
    "an Upgrade to a protocol that is not allowed",
    head("GET / HTTP/1.1", HOST, "Connection: upgrade", "Upgrade: h2c"),
    "GET /",
    { lacks: ["upgrade"], closes: true },
  ),
  passed(
    "RFC 9110, 7.8",
    "an Upgrade in HTTP/1.0",
    head("GET / HTTP/1.0", HOST, "Connection: upgrade", "Upgrade: websocket"),
    "GET /",
    { lacks: ["upgrade"], closes: true },
  ),
  passed(
    "RFC 7540, 3.2.1",
    "settings of HTTP/2 that Connection does not name",
    head("GET / HTTP/1.1", HOST, "HTTP2-Settings: AAMAAABk"),
    "GET /",
    { lacks: ["http2-settings"] },
  ),
];
