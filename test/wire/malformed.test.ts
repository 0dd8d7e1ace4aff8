import { describe, expect, test } from "vitest";
import { ask, rawClient } from "../support/clients.ts";
import { during } from "../support/cleanup.ts";
import { sentenceOf, type RefusalReason } from "../../lb/reasons.ts";
import { ENGINES } from "../../lb/transport/engines.ts";
import { liveBalancer } from "../support/live-balancer.ts";
import { echoUpstream } from "../support/upstreams.ts";

const MANY = Array.from({ length: 2000 }, (_, i) => `h${i}: 1`).join("\r\n");

/** What is sent, and the status it gets; each is one that some server takes for two requests, or for another. */
const REFUSED: readonly (readonly [what: string, bytes: string, status: number, reason: RefusalReason])[] = [
  [
    "a length and chunks",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    400,
    "length-and-coding",
  ],
  [
    "two lengths",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    400,
    "length-repeated",
  ],
  [
    "chunks and a length",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
    400,
    "length-and-coding",
  ],
  ["an unknown method", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501, "method-unknown"],
  [
    "a length that is a list",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3\r\n\r\nabc",
    400,
    "length-malformed",
  ],
  [
    "a length with a sign",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc",
    400,
    "length-malformed",
  ],
  [
    "a coding that is not ours",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
    501,
    "coding-unknown",
  ],
  [
    "a coding after chunked",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n",
    400,
    "coding-malformed",
  ],
  [
    "chunked twice",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n",
    400,
    "coding-malformed",
  ],
  [
    "chunks in HTTP/1.0",
    "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    400,
    "coding-in-old-version",
  ],
  ["a bare CR in a header", "GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", 400, "line-malformed"],
  [
    "a space before a colon",
    "GET / HTTP/1.1\r\nHost: a\r\nContent-Length : 3\r\n\r\nabc",
    400,
    "field-malformed",
  ],
  ["a NUL in a header", "GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", 400, "field-malformed"],
  ["no Host", "GET / HTTP/1.1\r\n\r\n", 400, "host-missing"],
  ["two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, "host-repeated"],
  ["a Host that is a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, "host-malformed"],
  ["a Host with a user", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", 400, "host-malformed"],
  ["an absolute target without a host", "GET http:// HTTP/1.1\r\nHost: a\r\n\r\n", 400, "target-malformed"],
  [
    "an absolute target with a bad port",
    "GET http://a:b:c/ HTTP/1.1\r\nHost: a\r\n\r\n",
    400,
    "host-malformed",
  ],
  [
    "an absolute target that opens a bracket",
    "GET http://[/ HTTP/1.1\r\nHost: a\r\n\r\n",
    400,
    "host-malformed",
  ],
  ["another scheme", "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, "target-malformed"],
  ["an authority for a target", "GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "target-malformed"],
  ["an asterisk with another method", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400, "target-malformed"],
  ["a fragment", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400, "target-fragment"],
  ["CONNECT", "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n", 405, "method-not-allowed"],
  ["TRACE", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 405, "method-not-allowed"],
  ["another version", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505, "version-unsupported"],
  ["no HTTP at all", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, "method-malformed"],
  [
    "an unknown expectation",
    "POST / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\nContent-Length: 1\r\n\r\nx",
    417,
    "expectation-unknown",
  ],
  [
    "a head that is too large",
    `GET / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(17_000)}\r\n\r\n`,
    431,
    "head-too-large",
  ],
  [
    "a target that is too large",
    `GET /${"x".repeat(17_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
    431,
    "head-too-large",
  ],
];

/** What is sent and taken: odd, but with one meaning, which is the only thing that goes on. */
const TAKEN: readonly (readonly [what: string, bytes: string, expected: RegExp])[] = [
  [
    "a Trailer without chunks",
    "POST / HTTP/1.1\r\nHost: a\r\nTrailer: X\r\nContent-Length: 2\r\n\r\nhi",
    /hi$/,
  ],
  ["a Trailer without a body", "GET / HTTP/1.1\r\nHost: a\r\nTrailer: X\r\n\r\n", /200 OK/],
  [
    "trailers of a request",
    "POST / HTTP/1.1\r\nHost: a\r\nTrailer: X\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX: 1\r\n\r\n",
    /\r\nhi\r\n0\r\n\r\n$/,
  ],
  ["an Upgrade that Connection does not name", "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\n\r\n", /200 OK/],
  ["more than a thousand headers", `GET / HTTP/1.1\r\nHost: a\r\n${MANY}\r\n\r\n`, /200 OK/],
  [
    "a length behind a thousand headers",
    `POST / HTTP/1.1\r\nHost: a\r\n${MANY}\r\nContent-Length: 2\r\n\r\nhi`,
    /\r\nhi$/,
  ],
  [
    "chunks behind a thousand headers",
    `POST / HTTP/1.1\r\nHost: a\r\n${MANY}\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n`,
    /\r\nhi\r\n0\r\n\r\n$/,
  ],
  ["a Host that is empty", "GET / HTTP/1.1\r\nHost:\r\n\r\n", /200 OK/],
  ["a body with GET", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi", /\r\nhi$/],
];

describe.each(ENGINES)("malformed requests over %s", (engine) => {
  test.each(REFUSED)("%s is refused, and the next client is served", async (_what, bytes, status, reason) => {
    const upstream = await during(echoUpstream());
    const lb = await during(liveBalancer(engine, [upstream]));
    const client = await rawClient(lb.port);
    client.send(bytes);
    await client.closed;
    expect(client.received).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(client.received).toMatch(/\r\nX-Balancer-Flag: DR\r\n/i);
    expect(client.received.match(/HTTP\/1.1/g)).toHaveLength(1);
    // What could not be read may have been a HEAD, whose answer has no body.
    const body = client.received.slice(client.received.indexOf("\r\n\r\n") + 4);
    expect(["", `${sentenceOf(reason)}\n`]).toContain(body.replace(/^.*?\): /, ""));
    expect(await lb.record(1)).toMatchObject({ status, flag: "DR", reason, origin: "balancer" });
    expect(upstream.requests).toEqual([]);
    expect((await ask(lb.port, "/next")).headers["x-target"]).toBe("/next");
  });

  test.each(TAKEN)("%s is taken for what it is, once", async (_what, bytes, expected) => {
    const upstream = await during(echoUpstream());
    const lb = await during(liveBalancer(engine, [upstream]));
    const client = await rawClient(lb.port);
    client.send(bytes);
    await client.receives(expected);
    client.send("GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
    await client.receives(/x-target: \/next/);
    client.socket.destroy();
    expect(upstream.requests).toHaveLength(2);
  });

  test("a header folded over lines goes on in one line or not at all", async () => {
    const upstream = await during(echoUpstream());
    const lb = await during(liveBalancer(engine, [upstream]));
    const client = await rawClient(lb.port);
    client.send("GET / HTTP/1.1\r\nHost: a\r\nX-Folded: one\r\n two\r\nConnection: close\r\n\r\n");
    await client.closed;
    for (const head of upstream.requests) expect(head).not.toMatch(/\n[ \t]/);
    expect((await ask(lb.port, "/next")).status).toBe(200);
  });

  test("framing folded over lines cannot hide a second request", async () => {
    const upstream = await during(echoUpstream());
    const lb = await during(liveBalancer(engine, [upstream]));
    const client = await rawClient(lb.port);
    client.send(
      "POST /1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
    );
    await client.closed;
    expect((await ask(lb.port, "/next")).status).toBe(200);
    expect(upstream.requests.filter((head) => head.includes("/2 "))).toEqual([]);
  });

  test.each([
    ["a chunk size that is none", "zz\r\n"],
    ["a chunk longer than its size", "2\r\nabcdef\r\n0\r\n\r\n"],
    ["a chunk size beyond all numbers", "fffffffffffffffff\r\n"],
    ["a chunk extension without end", `5;${"x".repeat(40_000)}\r\nhello\r\n0\r\n\r\n`],
  ])("a body with %s ends the connection, and nothing stays in flight", async (_what, chunks) => {
    const upstream = await during(echoUpstream());
    const lb = await during(liveBalancer(engine, [upstream]));
    const client = await rawClient(lb.port);
    client.send(`POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`);
    await client.closed;
    await lb.idle();
    expect((await ask(lb.port, "/next")).headers["x-target"]).toBe("/next");
    expect(upstream.requests.filter((head) => !/ \/(next)? HTTP/.test(head))).toEqual([]);
  });

  test("a connection that breaks at any byte of a request harms no other", async () => {
    const upstream = await during(echoUpstream());
    const lb = await during(liveBalancer(engine, [upstream]));
    const whole =
      "POST / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n";
    for (let length = 1; length <= whole.length; length += 3) {
      const client = await rawClient(lb.port);
      client.send(whole.slice(0, length));
      client.socket[length % 2 ? "destroySoon" : "resetAndDestroy"]();
      await client.closed;
    }
    await lb.idle();
    expect((await ask(lb.port, "/")).status).toBe(200);
  });
});
