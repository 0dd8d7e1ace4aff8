import { invalid, relayed, reset, type AnswerCase } from "./answer-case.ts";
import { head } from "./request-case.ts";

const OK = "HTTP/1.1 200 OK";
const ok = (...fields: readonly string[]): string => head(OK, ...fields, "Content-Length: 2") + "ok";
const line = (start: string): string => head(start, "Content-Length: 2") + "ok";

/** Status lines, fields and interim answers of an upstream. */
export const ANSWER_HEADS: readonly AnswerCase[] = [
  // Status line.
  relayed("RFC 9112, 4", "a status line", line(OK), 200, { body: "ok" }),
  relayed("RFC 9112, 4", "an empty reason", line("HTTP/1.1 200 "), 200, { body: "ok" }),
  relayed("RFC 9112, 4", "no reason, nor the space before it", line("HTTP/1.1 200"), 200, { body: "ok" }),
  relayed("RFC 9112, 4", "a reason beyond ASCII", line("HTTP/1.1 200 \xe2\x9c\x93"), 200, { body: "ok" }),
  relayed("RFC 9110, 15", "an unknown status", line("HTTP/1.1 299 Odd"), 299, { body: "ok" }),
  relayed("RFC 9110, 15", "the highest status", line("HTTP/1.1 599 Odd"), 599, { body: "ok" }),
  relayed("RFC 9112, 2.3", "HTTP/1.0", line("HTTP/1.0 200 OK"), 200, { body: "ok" }),
  invalid("RFC 9110, 15", "a status of two digits", line("HTTP/1.1 20 OK")),
  invalid("RFC 9110, 15", "a status of four digits", line("HTTP/1.1 2000 OK")),
  invalid("RFC 9110, 15", "a status below all", line("HTTP/1.1 099 OK")),
  invalid("RFC 9110, 15", "the status 000", line("HTTP/1.1 000 OK")),
  invalid("RFC 9110, 15", "a status beyond all", line("HTTP/1.1 600 OK")),
  invalid("RFC 9110, 15", "the status 999", line("HTTP/1.1 999 OK")),
  invalid("RFC 9112, 4", "a negative status", line("HTTP/1.1 -200 OK")),
  invalid("RFC 9112, 4", "a status of letters", line("HTTP/1.1 2x0 OK")),
  invalid("RFC 9112, 4", "no status", line("HTTP/1.1")),
  invalid("RFC 9112, 4", "two spaces before the status", line("HTTP/1.1  200 OK")),
  relayed("RFC 9112, 4", "a NUL in the reason, which is dropped", line("HTTP/1.1 200 O\0K"), 200, {
    body: "ok",
  }),
  invalid("RFC 9112, 4", "another protocol", "SSH-2.0-OpenSSH_9.2\r\n"),
  relayed("RFC 9112, 2.3", "the version 2.0, which becomes ours", line("HTTP/2.0 200 OK"), 200, {
    body: "ok",
  }),
  invalid("RFC 9112, 2.3", "the version 1.9", line("HTTP/1.9 200 OK")),
  invalid("RFC 9112, 2.3", "no version: HTTP/0.9", "<html>hello</html>", { ending: "end" }),
  invalid("RFC 9112, 2.2", "white space before the status line", ` ${line(OK)}`),
  invalid("RFC 9112, 2.2", "a request for an answer", head("GET / HTTP/1.1", "Host: a")),

  // Line ends and fields.
  invalid("RFC 9112, 2.2", "a bare LF behind the status line", `${OK}\nContent-Length: 2\r\n\r\nok`),
  invalid("RFC 9112, 2.2", "a bare LF behind a field", `${OK}\r\nX-A: 1\nContent-Length: 2\r\n\r\nok`),
  invalid("RFC 9112, 2.2", "a bare CR in a value: response splitting", ok("X-A: a\rSet-Cookie: b=1")),
  invalid("RFC 9112, 2.2", "bare LF at the ends of all lines", `${OK}\nContent-Length: 2\n\nok`),
  invalid("RFC 9112, 5.1", "a space before the colon", ok("X-A : 1")),
  invalid("RFC 9110, 5.1", "no name", ok(": 1")),
  invalid("RFC 9110, 5.1", "no colon", ok("X-A")),
  invalid("RFC 9110, 5.1", "a byte beyond ASCII in a name", ok("X-\xe9: 1")),
  invalid("RFC 9110, 5.5", "a NUL in a value", ok("X-A: a\0b")),
  invalid("RFC 9110, 5.5", "a bell in a value", ok("X-A: a\x07b")),
  invalid("RFC 9112, 5.2", "a folded value", ok("X-A: a", " b")),
  invalid(
    "RFC 9112, 2.2",
    "white space before the first field",
    `${OK}\r\n X-A: 1\r\nContent-Length: 2\r\n\r\nok`,
  ),
  invalid("RFC 9110, 5.4", "a head that is too large", ok(`X-A: ${"x".repeat(20_000)}`)),
  invalid(
    "RFC 9110, 5.4",
    "a head of fields without end",
    ok(...Array.from({ length: 5000 }, (_, i) => `h${i}: 1`)),
  ),
  relayed(
    "RFC 9110, 5.4",
    "more than a thousand fields",
    ok(...Array.from({ length: 1200 }, (_, i) => `h${i}: 1`)),
    200,
    { body: "ok", has: ["h0: 1", "h1199: 1"] },
  ),
  relayed("RFC 9110, 5.5", "bytes beyond ASCII in a value", ok("X-A: \xc3\xa9"), 200, {
    body: "ok",
    has: ["x-a: \xc3\xa9"],
  }),
  relayed("RFC 9110, 5.5", "an empty value", ok("X-A:"), 200, { body: "ok", has: ["x-a: "] }),
  relayed("RFC 9110, 5.3", "two cookies", ok("Set-Cookie: a=1", "Set-Cookie: b=2, c"), 200, {
    body: "ok",
    has: ["set-cookie: a=1", "set-cookie: b=2, c"],
  }),
  relayed(
    "RFC 9110, 7.6.1",
    "fields of the upstream's connection",
    ok(
      "Connection: X-Hop, close",
      "X-Hop: 1",
      "Keep-Alive: timeout=1",
      "Proxy-Connection: x",
      "Upgrade: h2c",
      "TE: x",
    ),
    200,
    { body: "ok", has: ["connection: keep-alive"], lacks: ["x-hop", "proxy-connection", "upgrade", "te"] },
  ),
  relayed("RFC 9110, 6.6.1", "no Date, and none is made up", ok(), 200, {
    body: "ok",
    lacks: ["date", "server"],
  }),
  reset("RFC 9112, 8", "an end before the head", "", { ending: "end" }),
  reset("RFC 9112, 8", "an end in the status line", "HTTP/1.1 20", { ending: "end" }),
  reset("RFC 9112, 8", "an end in the fields", `${OK}\r\nContent-Len`, { ending: "end" }),
  reset("RFC 9112, 8", "an end before the empty line", `${OK}\r\nContent-Length: 2\r\n`, { ending: "end" }),
  reset("RFC 9112, 8", "a reset before the head", "", { ending: "reset" }),
  reset("RFC 9112, 8", "a reset in the fields", `${OK}\r\nContent-Len`, { ending: "reset" }),

  // Interim answers.
  relayed(
    "RFC 9110, 15.2",
    "a 103 before the answer",
    head("HTTP/1.1 103 Early Hints", "Link: </a>") + ok(),
    200,
    { body: "ok", interim: [103] },
  ),
  relayed(
    "RFC 9110, 15.2",
    "a 102, a 103 and an unknown one",
    head("HTTP/1.1 102 P") + head("HTTP/1.1 103 E") + head("HTTP/1.1 199 X") + ok(),
    200,
    { body: "ok", interim: [102, 103, 199] },
  ),
  relayed(
    "RFC 9110, 15.2",
    "an interim answer to HTTP/1.0, which knows none",
    head("HTTP/1.1 103 Early Hints") + ok(),
    200,
    { body: "ok", version: "1.0" },
  ),
  relayed(
    "RFC 9110, 15.2",
    "an interim answer with fields of its connection",
    head("HTTP/1.1 103 E", "Connection: X-Hop", "X-Hop: 1") + ok(),
    200,
    { body: "ok", interim: [103], lacks: ["x-hop"] },
  ),
  relayed(
    "RFC 9110, 8.6",
    "an interim answer with a length",
    head("HTTP/1.1 103 E", "Content-Length: 5") + ok(),
    200,
    { body: "ok", interim: [103] },
  ),
  relayed(
    "RFC 9112, 6.1",
    "an interim answer with a coding",
    head("HTTP/1.1 103 E", "Transfer-Encoding: chunked") + ok(),
    200,
    { body: "ok", interim: [103] },
  ),
  relayed(
    "RFC 9110, 15.2",
    "an interim answer to HEAD",
    head("HTTP/1.1 103 E") + head(OK, "Content-Length: 2"),
    200,
    { method: "HEAD", interim: [103], has: ["content-length: 2"] },
  ),
  invalid(
    "RFC 9110, 15.2.2",
    "a 101 without an upgrade request",
    head("HTTP/1.1 101 S", "Connection: Upgrade", "Upgrade: x"),
  ),
  invalid("RFC 9110, 15.2.2", "a switch without its fields", head("HTTP/1.1 101 S") + ok()),
  invalid(
    "RFC 9110, 15.2.2",
    "a switch behind an interim answer",
    head("HTTP/1.1 103 E") + head("HTTP/1.1 101 S", "Connection: Upgrade", "Upgrade: x"),
  ),
  reset("RFC 9110, 15.2", "an end behind an interim answer", head("HTTP/1.1 103 E"), { ending: "end" }),
  invalid("RFC 9112, 4", "nonsense behind an interim answer", head("HTTP/1.1 103 E") + "nonsense\r\n\r\n"),
];
