import { head, passed, refused, type RequestCase } from "./request-case.ts";

const GET = "GET / HTTP/1.1";
const HOST = "Host: a";
const field = (...lines: readonly string[]): string => head(GET, HOST, ...lines);
const host = (value: string): string => head(GET, `Host: ${value}`);
const MANY = Array.from({ length: 1500 }, (_, i) => `h${i}: 1`);

/** Fields: their form, Host, those of one connection, and Expect. */
export const REQUEST_FIELDS: readonly RequestCase[] = [
  // A refusal of HEAD is an answer to HEAD.
  refused("RFC 9110, 9.3.2", "HEAD for a Host that is none", head("HEAD / HTTP/1.1", "Host: :a")),
  refused("RFC 9110, 9.3.2", "HEAD that cannot be read", head("HEAD / HTTP/1.1", HOST, "X-A : 1")),
  refused(
    "RFC 9110, 9.3.2",
    "HEAD with too large a head",
    head("HEAD / HTTP/1.1", HOST, `X-A: ${"a".repeat(20_000)}`),
    431,
  ),
  // Form.
  refused("RFC 9112, 5.1", "a space before the colon", field("X-A : 1")),
  refused("RFC 9112, 5.1", "a tab before the colon", field("X-A\t: 1")),
  refused("RFC 9112, 5.1", "a space within the name", field("X A: 1")),
  refused(
    "RFC 9112, 5.1",
    "a space before the colon of a length",
    head("POST / HTTP/1.1", HOST, "Content-Length : 3") + "abc",
  ),
  refused(
    "RFC 9112, 5.1",
    "a space before the colon of a coding",
    head("POST / HTTP/1.1", HOST, "Transfer-Encoding : chunked") + "0\r\n\r\n",
  ),
  refused("RFC 9110, 5.1", "no name", field(": 1")),
  refused("RFC 9110, 5.1", "no colon", field("X-A")),
  refused("RFC 9110, 5.1", "a letter beyond ASCII in the name", field("X-\xe9: 1")),
  refused("RFC 9110, 5.1", "a NUL in the name", field("X-\0A: 1")),
  refused("RFC 9110, 5.1", "a parenthesis in the name", field("X(A): 1")),
  refused("RFC 9110, 5.1", "a quoted name", field('"X-A": 1')),
  passed("RFC 9110, 5.1", "names in any case", head(GET, "hOsT: a", "x-MiXed: 1"), "GET /", {
    has: ["host: a", "x-mixed: 1"],
  }),
  passed("RFC 9110, 5.1", "every letter that a name may have", field("!#$%&'*+-.^_`|~09aZ: 1"), "GET /", {
    has: ["!#$%&'*+-.^_`|~09az: 1"],
  }),
  passed("RFC 9110, 5.1", "a name that every object has", field("__proto__: 1", "constructor: 2"), "GET /", {
    has: ["constructor: 2"],
  }),
  passed("RFC 9112, 5.1", "white space around the value", field("X-A: \t 1 \t "), "GET /", {
    has: ["x-a: 1"],
  }),
  passed("RFC 9112, 5.1", "no white space behind the colon", field("X-A:1"), "GET /", { has: ["x-a: 1"] }),
  passed("RFC 9110, 5.5", "an empty value", field("X-A:"), "GET /", { has: ["x-a: "] }),
  passed("RFC 9110, 5.5", "bytes beyond ASCII in the value, as they are", field("X-A: \xc3\xa9"), "GET /", {
    has: ["x-a: \xc3\xa9"],
  }),
  passed("RFC 9110, 5.5", "a tab within the value", field("X-A: a\tb"), "GET /", { has: ["x-a: a\tb"] }),
  refused("RFC 9110, 5.5", "a NUL in the value", field("X-A: a\0b")),
  refused("RFC 9110, 5.5", "a CR in the value", field("X-A: a\rb")),
  refused("RFC 9110, 5.5", "a bell in the value", field("X-A: a\x07b")),
  refused("RFC 9110, 5.5", "a DEL in the value", field("X-A: a\x7fb")),
  refused("RFC 9112, 5.2", "a folded value", field("X-A: a", " b")),
  refused("RFC 9112, 5.2", "a value folded by a tab", field("X-A: a", "\tb")),
  refused("RFC 9112, 5.2", "a folded Host", head(GET, "Host:", " a")),
  refused(
    "RFC 9112, 5.2",
    "a folded coding",
    head("POST / HTTP/1.1", HOST, "Transfer-Encoding:", " chunked") + "0\r\n\r\n",
  ),
  refused("RFC 9112, 5.2", "a folded length", head("POST / HTTP/1.1", HOST, "Content-Length:", " 3") + "abc"),
  refused("RFC 9112, 5.2", "a line of white space among the fields", head(GET, HOST, " ", "X-A: 1")),
  passed(
    "RFC 9110, 5.3",
    "a repeated field, each in its place",
    field("X-A: 1", "X-B: 2", "X-A: 3"),
    "GET /",
    { has: ["x-a: 1", "x-b: 2", "x-a: 3"] },
  ),
  passed("RFC 9110, 5.4", "more than a thousand fields", field(...MANY), "GET /", {
    has: ["h0: 1", "h1499: 1"],
  }),
  passed(
    "RFC 9112, 6.2",
    "a length behind a thousand fields",
    head("POST /x HTTP/1.1", HOST, ...MANY, "Content-Length: 3") + "abc",
    "POST /x",
    { body: "abc" },
  ),
  passed(
    "RFC 9112, 6.1",
    "a coding behind a thousand fields",
    head("POST /x HTTP/1.1", HOST, ...MANY, "Transfer-Encoding: chunked") + "3\r\nabc\r\n0\r\n\r\n",
    "POST /x",
    { body: "abc" },
  ),
  refused("RFC 9110, 5.4", "a field that is too large", field(`X-A: ${"x".repeat(17_000)}`), 431),
  refused("RFC 9110, 5.4", "a name that is too large", field(`${"x".repeat(17_000)}: 1`), 431),
  refused(
    "RFC 9110, 5.4",
    "a target that is too large",
    head(`GET /${"x".repeat(17_000)} HTTP/1.1`, HOST),
    431,
  ),
  refused(
    "RFC 9110, 5.4",
    "a head of many small fields that is too large",
    field(...MANY, ...MANY, ...MANY),
    431,
  ),

  // Host.
  refused("RFC 9112, 3.2", "no Host", head(GET)),
  refused("RFC 9112, 3.2", "two Hosts that differ", head(GET, "Host: a", "Host: b")),
  refused("RFC 9112, 3.2", "two Hosts that agree", head(GET, "Host: a", "Host: a")),
  refused("RFC 9112, 3.2", "two Hosts in different case", head(GET, "Host: a", "hOST: b")),
  passed("RFC 9112, 3.2", "an empty Host", host(""), "GET /"),
  passed("RFC 9110, 7.2", "a host with its port", host("shop.test:8080"), "GET /", {
    has: ["host: shop.test:8080"],
  }),
  passed("RFC 9110, 7.2", "an address of IPv6", host("[::1]:80"), "GET /", { has: ["host: [::1]:80"] }),
  passed("RFC 9112, 3.2", "no Host in HTTP/1.0", "GET /x HTTP/1.0\r\n\r\n", "GET /x", { closes: true }),
  ...[
    ["a list of two", "a, b"],
    ["two, by a space", "a b"],
    ["a path", "a/b"],
    ["a query", "a?b"],
    ["a fragment", "a#b"],
    ["a user", "u@a"],
    ["a scheme", "http://a"],
    ["a backslash", "a\\b"],
    ["a port that is none", "a:x"],
    ["a port beyond all ports", "a:65536"],
    ["two ports", "a:1:2"],
    ["a bracket that is not closed", "[::1"],
    ["no address in its brackets", "[a.b]"],
    ["a bracket in the middle", "a]b"],
    ["a tab", "a\tb"],
    ["a byte beyond ASCII", "\xc3\xa9.test"],
    ["a quote", 'a"b'],
    ["an angle", "a<b"],
  ].map(([what = "", value = ""]) => refused("RFC 9110, 7.2", `a Host with ${what}`, host(value))),

  // Of one connection.
  passed(
    "RFC 9110, 7.6.1",
    "fields that Connection names",
    field("Connection: X-Hop, x-other", "X-Hop: 1", "X-Other: 2", "X-Kept: 3"),
    "GET /",
    { has: ["x-kept: 3"], lacks: ["x-hop", "x-other"] },
  ),
  passed(
    "RFC 9110, 7.6.1",
    "fields that a second Connection names",
    field("Connection: keep-alive", "X-Hop: 1", "Connection: x-hop"),
    "GET /",
    { lacks: ["x-hop"] },
  ),
  passed(
    "RFC 9110, 7.6.1",
    "Connection with empty members",
    field("Connection: , ,X-Hop,,", "X-Hop: 1"),
    "GET /",
    { lacks: ["x-hop"] },
  ),
  passed("RFC 9110, 7.6.1", "a Connection that names Host", field("Connection: host"), "GET /", {
    has: ["host: a"],
  }),
  passed(
    "RFC 9110, 7.6.1",
    "a Connection that names the length",
    head("POST /x HTTP/1.1", HOST, "Connection: content-length", "Content-Length: 3") + "abc",
    "POST /x",
    { body: "abc" },
  ),
  passed(
    "RFC 9110, 7.6.1",
    "a Connection that names the coding",
    head("POST /x HTTP/1.1", HOST, "Connection: transfer-encoding", "Transfer-Encoding: chunked") +
      "3\r\nabc\r\n0\r\n\r\n",
    "POST /x",
    { body: "abc" },
  ),
  passed(
    "RFC 9110, 7.6.1",
    "a Connection that names what we vouch for",
    field("Connection: x-forwarded-for, x-request-id, via", "X-Forwarded-For: 6.6.6.6"),
    "GET /",
    { has: ["x-forwarded-for: 127.0.0.1", "via: 1.1 lblab"] },
  ),
  passed("RFC 9110, 7.6.1", "a Connection that says close", field("Connection: close"), "GET /", {
    closes: true,
  }),
  passed(
    "RFC 9110, 7.6.1",
    "a Connection that says close and more",
    field("Connection: X-Hop, Close"),
    "GET /",
    { closes: true },
  ),
  passed("RFC 9112, C.2.2", "Keep-Alive", field("Keep-Alive: timeout=9, max=1"), "GET /", {
    lacks: ["keep-alive"],
  }),
  passed("RFC 9112, C.2.2", "Proxy-Connection", field("Proxy-Connection: keep-alive"), "GET /", {
    lacks: ["proxy-connection"],
  }),
  passed("RFC 9110, 10.1.4", "a TE of codings", field("TE: gzip;q=0.5", "Connection: TE"), "GET /", {
    lacks: ["te"],
  }),
  passed("RFC 9110, 10.1.4", "a TE of trailers", field("TE: trailers", "Connection: TE"), "GET /", {
    has: ["te: trailers"],
  }),
  passed(
    "RFC 9110, 6.6.2",
    "a Trailer without chunks",
    head("POST /x HTTP/1.1", HOST, "Trailer: X-Sum", "Content-Length: 2") + "hi",
    "POST /x",
    { body: "hi", lacks: ["trailer"] },
  ),
  passed("RFC 9110, 6.6.2", "a Trailer without a body", field("Trailer: X-Sum"), "GET /", {
    lacks: ["trailer"],
  }),
  passed("RFC 9110, 7.8", "an Upgrade that Connection does not name", field("Upgrade: websocket"), "GET /", {
    lacks: ["upgrade"],
  }),
  passed(
    "RFC 9110, 11.7",
    "Proxy-Authorization, which may be relayed",
    field("Proxy-Authorization: Basic eA=="),
    "GET /",
  ),
  passed(
    "RFC 9110, 7.6.3",
    "a Via of another proxy, to which ours is added",
    field("Via: 1.0 fred"),
    "GET /",
    { has: ["via: 1.0 fred", "via: 1.1 lblab"] },
  ),
  passed(
    "RFC 7239, 8.1",
    "forwarding fields of a client that is not trusted",
    field(
      "X-Forwarded-For: 6.6.6.6",
      "Forwarded: for=6.6.6.6",
      "X-Forwarded-Host: evil",
      "X-Forwarded-Proto: https",
      "X-Request-Id: mine",
    ),
    "GET /",
    {
      has: ["x-forwarded-for: 127.0.0.1", "x-forwarded-host: a", "x-forwarded-proto: http"],
      lacks: ["forwarded"],
    },
  ),

  ...[
    "X_Forwarded_For: 6.6.6.6",
    "x_forwarded-for: 6.6.6.6",
    "X-Forwarded_Proto: https",
    "X_Forwarded_Host: evil",
    "X_Forwarded_Prefix: /evil",
    "X.Forwarded.For: 6.6.6.6",
    "X_Request_Id: mine",
    "X-Request_ID: mine",
    "Content_Length: 3",
    "Transfer_Encoding: chunked",
    "Keep_Alive: 1",
    "Proxy_Connection: keep-alive",
    "Proxy: http://evil.test",
    "PROXY: http://evil.test",
  ].map((line) => {
    const name = line.slice(0, line.indexOf(":")).toLowerCase();
    return passed(
      "RFC 3875, 4.1.18",
      `${name}, which backends take for a field of ours`,
      field(line, "X_Kept: 1"),
      "GET /",
      { has: ["x_kept: 1"], lacks: [name] },
    );
  }),

  // Expect.
  refused(
    "RFC 9110, 10.1.1",
    "an unknown expectation",
    head("POST / HTTP/1.1", HOST, "Expect: tea", "Content-Length: 1") + "x",
    417,
  ),
  refused(
    "RFC 9110, 10.1.1",
    "an expectation that only begins like one",
    head("POST / HTTP/1.1", HOST, "Expect: 100-continues", "Content-Length: 1") + "x",
    417,
  ),
  refused(
    "RFC 9110, 10.1.1",
    "an expectation beside another",
    head("POST / HTTP/1.1", HOST, "Expect: 100-continue, tea", "Content-Length: 1") + "x",
    417,
  ),
  refused(
    "RFC 9110, 10.1.1",
    "two Expect",
    head("POST / HTTP/1.1", HOST, "Expect: 100-continue", "Expect: tea", "Content-Length: 1") + "x",
    417,
  ),
  passed(
    "RFC 9110, 10.1.1",
    "an expectation whose client does not wait",
    head("POST /x HTTP/1.1", HOST, "Expect: 100-Continue", "Content-Length: 2") + "hi",
    "POST /x",
    { body: "hi", lacks: ["expect"] },
  ),
  passed(
    "RFC 9110, 10.1.1",
    "an expectation in HTTP/1.0, which is ignored",
    head("POST /x HTTP/1.0", "Expect: 100-continue", "Content-Length: 2") + "hi",
    "POST /x",
    { body: "hi", lacks: ["expect"], closes: true },
  ),
];
