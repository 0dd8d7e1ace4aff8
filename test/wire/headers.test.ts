import { describe, expect, test } from "vitest";
import { ask, rawClient } from "../support/clients.ts";
import { during } from "../support/cleanup.ts";
import { ENGINES } from "../../lb/transport/engines.ts";
import { liveBalancer } from "../support/live-balancer.ts";
import { answeringUpstream, echoUpstream } from "../support/upstreams.ts";

describe.each(ENGINES)("headers over %s", (engine) => {
  test("what belongs to the client's connection stays there", async () => {
    const upstream = await during(echoUpstream());
    const lb = await during(liveBalancer(engine, [upstream]));
    const client = await rawClient(lb.port);
    client.send(
      [
        "GET / HTTP/1.1",
        "Host: shop.test",
        "Connection: keep-alive, X-Hop, content-length, host",
        "X-Hop: secret",
        "Keep-Alive: timeout=9",
        "Proxy-Connection: keep-alive",
        "TE: gzip",
        "Upgrade: h2c",
        "Trailer: X-Sum",
        "X-Kept: 1",
        "X-Kept: 2",
        "",
        "",
      ].join("\r\n"),
    );
    await client.receives(/200 OK/);
    client.socket.destroy();
    const head = upstream.requests[0] ?? "";
    expect(head).not.toMatch(/^(x-hop|proxy-connection|te|upgrade|trailer):|timeout=9/im);
    expect(head).toMatch(/^host: shop.test$/im);
    expect(head).toMatch(/^x-kept: 1$[^]*^x-kept: 2$/im);
    expect(head.match(/^connection:.*$/gim)).toEqual([expect.stringMatching(/^connection: keep-alive$/i)]);
    expect(head).toMatch(/^x-forwarded-for: 127.0.0.1$/im);
  });

  test("an answer's head is the same, whether it leaves whole with its body or before it", async () => {
    const heads: string[] = [];
    // The second is too large to be held until it is whole.
    for (const body of ["k".repeat(10), "k".repeat(20_000)]) {
      const length = `Content-Length: ${body.length}`;
      const upstream = await during(
        answeringUpstream(
          `HTTP/1.1 200 Fine\r\nX-Latin: \xe9\r\nSet-Cookie: a=1\r\n${length}\r\n\r\n${body}`,
        ),
      );
      const lb = await during(liveBalancer(engine, [upstream]));
      const client = await rawClient(lb.port);
      client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      const answer = await client.receives(/k{10}$/);
      heads.push((answer.split("\r\n\r\n")[0] ?? "").replace(length, "Content-Length: N"));
      client.socket.destroy();
    }
    const [whole, inPieces] = heads;
    expect(whole).toBe(inPieces);
    expect(whole).toMatch(
      /^HTTP\/1\.1 200 Fine\r\n[^]*^Connection: keep-alive\r\nKeep-Alive: timeout=\d+$/im,
    );
  });

  test("what belongs to the upstream's connection stays there", async () => {
    const upstream = await during(
      answeringUpstream(
        "HTTP/1.1 200 OK\r\nConnection: close, X-Hop\r\nX-Hop: secret\r\nKeep-Alive: timeout=1\r\nProxy-Connection: x\r\n" +
          "Trailer: X-Sum\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nX-Latin: \xe9\r\nContent-Length: 2\r\n\r\nok",
      ),
    );
    const lb = await during(liveBalancer(engine, [upstream]));
    const client = await rawClient(lb.port);
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    const head = await client.receives(/ok$/);
    expect(head).toMatch(/^connection: keep-alive\r$/im);
    expect(head).not.toMatch(/^(x-hop|proxy-connection|trailer):|timeout=1\r|close/im);
    expect(head).toMatch(/^set-cookie: a=1\r\nset-cookie: b=2\r$/im);
    expect(head).toMatch(/^X-Latin: \xe9\r$/m);
    // The upstream has closed its connection; the client's goes on.
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await client.receives(/ok[^]*ok$/);
    client.socket.destroy();
  });

  test("the upstream's Date and Server are passed on, and none is made up", async () => {
    const upstream = await during(
      answeringUpstream("HTTP/1.1 200 OK\r\nServer: toy\r\nContent-Length: 0\r\n\r\n"),
    );
    const lb = await during(liveBalancer(engine, [upstream]));
    const answer = await ask(lb.port, "/");
    expect(answer.headers["server"]).toBe("toy");
    expect(answer.headers["date"]).toBeUndefined();
  });

  test("a reason phrase in another encoding does not end the process", async () => {
    const upstream = await during(
      answeringUpstream("HTTP/1.1 200 \xe2\x9c\x93 fine\r\nContent-Length: 2\r\n\r\nok"),
    );
    const lb = await during(liveBalancer(engine, [upstream]));
    expect((await ask(lb.port, "/")).body.toString()).toBe("ok");
  });

  test("an absolute-form target names the host, whatever Host says", async () => {
    const upstream = await during(echoUpstream());
    const lb = await during(liveBalancer(engine, [upstream]));
    const client = await rawClient(lb.port);
    client.send("GET http://Other.test:81/x?y HTTP/1.1\r\nHost: shop.test\r\n\r\n");
    await client.receives(/200 OK/);
    client.socket.destroy();
    expect(upstream.requests[0]).toMatch(/^GET \/x\?y HTTP\/1.1/);
    expect(upstream.requests[0]?.match(/^host:.*$/gim)).toEqual([
      expect.stringMatching(/^host: Other.test:81$/i),
    ]);
    expect(await lb.record(1)).toMatchObject({ host: "other.test", target: "/x?y" });
  });
});
