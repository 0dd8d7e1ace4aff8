import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { ask, keepAliveAgent, rawClient } from "../support/clients.ts";
import { during } from "../support/cleanup.ts";
import { ENGINES } from "../../lb/transport/engines.ts";
import { liveBalancer } from "../support/live-balancer.ts";
import { answeringUpstream, echoUpstream, endingUpstream, httpUpstream } from "../support/upstreams.ts";

describe.each(ENGINES)("relaying over %s", (engine) => {
  test("a GET reaches the upstream with its method, target and query as sent", async () => {
    const upstream = await during(echoUpstream());
    const lb = await during(liveBalancer(engine, [upstream]));
    const answer = await ask(lb.port, "/a//b/../c?x=%41&y=//z");
    expect(answer.status).toBe(200);
    expect(answer.headers["x-target"]).toBe("/a//b/../c?x=%41&y=//z");
    expect(answer.headers["x-method"]).toBe("GET");
    expect((await lb.record(1)).status).toBe(200);
  });

  test.each([
    { how: "with a length", chunked: false },
    { how: "in chunks", chunked: true },
  ])("a large body $how comes back byte for byte, many at a time", async ({ chunked }) => {
    const upstream = await during(echoUpstream());
    const lb = await during(liveBalancer(engine, [upstream]));
    const bodies = Array.from({ length: 8 }, (_, i) => randomBytes(300_000 + i * 77_777));
    const answers = await Promise.all(
      bodies.map((body) => ask(lb.port, "/echo", { method: "POST", body, chunked })),
    );
    answers.forEach(({ body }, i) => expect(body.equals(bodies[i] ?? Buffer.alloc(0))).toBe(true));
    const records = await Promise.all(bodies.map((_, i) => lb.record(i + 1)));
    const sizes = (list: number[]) => list.sort((a, b) => a - b);
    expect(sizes(records.map(({ bytesOut }) => bytesOut))).toEqual(sizes(bodies.map((b) => b.length)));
  });

  test.each(["DELETE", "GET", "OPTIONS", "PUT", "PATCH", "PROPFIND"])(
    "%s with a body in chunks is one request with that body",
    async (method) => {
      const upstream = await during(echoUpstream());
      const lb = await during(liveBalancer(engine, [upstream]));
      const body = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
      const answer = await ask(lb.port, "/outer", { method, body, chunked: true });
      expect(answer.body.toString()).toBe(body);
      await ask(lb.port, "/after");
      expect(upstream.requests.map((head) => head.split("\r\n")[0])).toEqual([
        `${method} /outer HTTP/1.1`,
        "GET /after HTTP/1.1",
      ]);
    },
  );

  test("a POST without a body, and one with a length of zero, arrive empty", async () => {
    const upstream = await during(echoUpstream());
    const lb = await during(liveBalancer(engine, [upstream]));
    const client = await rawClient(lb.port);
    client.send("POST /1 HTTP/1.1\r\nHost: a\r\n\r\n");
    await client.receives(/x-target: \/1/);
    client.send("POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
    await client.receives(/x-target: \/2/);
    client.send("POST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    await client.receives(/x-target: \/3/);
    client.socket.destroy();
    expect(upstream.requests).toHaveLength(3);
  });

  test("connections to the upstream are kept and used again, on either side", async () => {
    const upstream = await during(echoUpstream());
    const lb = await during(liveBalancer(engine, [upstream]));
    const agent = keepAliveAgent();
    for (let i = 0; i < 10; i++)
      await ask(lb.port, `/${i}`, { agent, method: i % 2 ? "POST" : "GET", ...(i % 2 ? { body: "x" } : {}) });
    agent.destroy();
    expect(upstream.accepted).toBe(1);
    expect(lb.transport.counts({ host: "127.0.0.1", port: upstream.port })).toEqual({
      idle: 1,
      active: 0,
      reuses: 9,
    });
  });

  test("HEAD is answered by its head, and the connection serves the next request", async () => {
    const upstream = await during(
      httpUpstream((_, response) => void response.writeHead(200, { "content-length": 12345 }).end()),
    );
    const lb = await during(liveBalancer(engine, [upstream]));
    for (let i = 0; i < 3; i++) {
      const answer = await ask(lb.port, "/", { method: "HEAD" });
      expect(answer.headers["content-length"]).toBe("12345");
      expect(answer.body).toHaveLength(0);
    }
    expect(upstream.accepted).toBe(1);
  });

  test.each([
    { status: "204 No Content", fields: "" },
    { status: "304 Not Modified", fields: "ETag: x\r\n" },
    { status: "304 Not Modified", fields: "Content-Length: 1000\r\n" },
  ])("$status $fields has no body and is a whole answer", async ({ status, fields }) => {
    const upstream = await during(answeringUpstream(`HTTP/1.1 ${status}\r\n${fields}\r\n`));
    const lb = await during(liveBalancer(engine, [upstream]));
    const agent = keepAliveAgent();
    for (let i = 1; i <= 2; i++) {
      const answer = await ask(lb.port, "/", { agent });
      expect(`${answer.status} ${answer.reason}`).toBe(status);
      expect(answer.body).toHaveLength(0);
      expect(answer.headers["transfer-encoding"]).toBeUndefined();
      expect(await lb.record(i)).toMatchObject({ flag: "-", origin: "upstream" });
    }
    agent.destroy();
  });

  test("an answer without a length that ends with its connection is passed on whole", async () => {
    const upstream = await during(endingUpstream("HTTP/1.1 200 Fine\r\nX-A: 1\r\n\r\nthe whole body"));
    const lb = await during(liveBalancer(engine, [upstream]));
    const answer = await ask(lb.port, "/");
    expect(answer.body.toString()).toBe("the whole body");
    expect(answer.reason).toBe("Fine");
    await ask(lb.port, "/");
    expect(upstream.accepted).toBe(2);
  });

  test("an HTTP/1.0 answer of an upstream is understood", async () => {
    const upstream = await during(endingUpstream("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"));
    const lb = await during(liveBalancer(engine, [upstream]));
    expect((await ask(lb.port, "/")).body.toString()).toBe("ok");
    expect((await ask(lb.port, "/")).body.toString()).toBe("ok");
  });

  test("an HTTP/1.0 client gets no chunks, and the end of the connection", async () => {
    const upstream = await during(
      httpUpstream((_, response) => {
        response.write("one ");
        response.end("two");
      }),
    );
    const lb = await during(liveBalancer(engine, [upstream]));
    const client = await rawClient(lb.port);
    client.send("GET / HTTP/1.0\r\n\r\n");
    expect(await client.closed).toBe("ended");
    expect(client.received).toMatch(/\r\n\r\none two$/);
    expect(client.received).not.toMatch(/transfer-encoding/i);
  });

  test("an HTTP/1.0 client with Connection: keep-alive is kept, if the answer has a length", async () => {
    const upstream = await during(answeringUpstream("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
    const lb = await during(liveBalancer(engine, [upstream]));
    const client = await rawClient(lb.port);
    client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    expect(await client.receives(/ok$/)).toMatch(/^connection: keep-alive\r$/im);
    client.send("GET / HTTP/1.0\r\n\r\n");
    expect(await client.closed).toBe("ended");
    expect(client.received).toMatch(/ok[^]*ok$/);
  });

  test("an early answer reaches a client that is still sending", async () => {
    const upstream = await during(
      httpUpstream((_, response) => void response.writeHead(413, { connection: "close" }).end("too large")),
    );
    const lb = await during(liveBalancer(engine, [upstream]));
    const client = await rawClient(lb.port);
    client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n${"x".repeat(1000)}`);
    expect(await client.receives(/too large/)).toMatch(/^HTTP\/1.1 413/);
    // The rest is read and dropped, and the connection goes on.
    client.send("x".repeat(999_000));
    client.send("POST /next HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
    await client.receives(/too large[^]*too large/);
    client.socket.destroy();
    await lb.idle();
  });

  test("interim answers come before the final one", async () => {
    const upstream = await during(
      answeringUpstream(
        "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
      ),
    );
    const lb = await during(liveBalancer(engine, [upstream]));
    const answer = await ask(lb.port, "/");
    expect(answer.interim).toEqual([103]);
    expect(answer.body.toString()).toBe("ok");
  });

  test("trailers follow the body", async () => {
    const upstream = await during(
      answeringUpstream(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 42\r\n\r\n",
      ),
    );
    const lb = await during(liveBalancer(engine, [upstream]));
    const answer = await ask(lb.port, "/");
    expect(answer.body.toString()).toBe("abc");
    expect(answer.trailers).toEqual(["X-Sum", "42"]);
  });

  test("a client that expects 100-continue gets its 100", async () => {
    const upstream = await during(echoUpstream());
    const lb = await during(liveBalancer(engine, [upstream]));
    const client = await rawClient(lb.port);
    client.send("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
    await client.receives(/^HTTP\/1.1 100 Continue\r\n\r\n$/);
    client.send("hello");
    await client.receives(/200 OK[^]*hello/);
    client.socket.destroy();
    expect(upstream.requests[0]).not.toMatch(/expect/i);
  });
});
