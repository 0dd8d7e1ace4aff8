import { describe, expect, test } from "vitest";
import { ask, keepAliveAgent, rawClient } from "../support/clients.ts";
import { during } from "../support/cleanup.ts";
import { ENGINES } from "../../lb/transport/engines.ts";
import { liveBalancer } from "../support/live-balancer.ts";
import { echoUpstream, rawUpstream } from "../support/upstreams.ts";

const BYTES = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte));

describe.each(ENGINES)("no byte ends the process, over %s", (engine) => {
  test.each([
    ["the target", (byte: string) => `GET /a${byte}b HTTP/1.1\r\nHost: a\r\n`],
    ["a header's name", (byte: string) => `GET / HTTP/1.1\r\nHost: a\r\nX${byte}Y: 1\r\n`],
    ["a header's value", (byte: string) => `GET / HTTP/1.1\r\nHost: a\r\nX: a${byte}b\r\n`],
    ["the method", (byte: string) => `G${byte}T / HTTP/1.1\r\nHost: a\r\n`],
    ["the host", (byte: string) => `GET / HTTP/1.1\r\nHost: a${byte}b\r\n`],
    ["an absolute target", (byte: string) => `GET http://a${byte}b HTTP/1.1\r\nHost: a\r\n`],
    [
      "an upgrade",
      (byte: string) => `GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: a${byte}b\r\n`,
    ],
  ])("in %s of a request", async (_where, head) => {
    const upstream = await during(echoUpstream());
    const lb = await during(liveBalancer(engine, [upstream]));
    for (const byte of BYTES) {
      const client = await rawClient(lb.port);
      client.send(`${head(byte)}Connection: close\r\n\r\n`);
      client.socket.end();
      await client.closed;
    }
    await lb.idle();
    expect((await ask(lb.port, "/")).status).toBe(200);
  });

  test.each([
    ["a header's name", (byte: string) => `HTTP/1.1 200 OK\r\nX${byte}Y: 1\r\n`],
    ["a header's value", (byte: string) => `HTTP/1.1 200 OK\r\nX: a${byte}b\r\n`],
    ["the reason", (byte: string) => `HTTP/1.1 200 a${byte}b\r\n`],
    ["the status", (byte: string) => `HTTP/1.1 2${byte}0 OK\r\n`],
    ["the first digit", (byte: string) => `HTTP/1.1 ${byte}00 OK\r\n`],
    ["the version", (byte: string) => `HTTP/1.${byte} 200 OK\r\n`],
    [
      "an interim head",
      (byte: string) => `HTTP/1.1 103 a${byte}b\r\nX: a${byte}b\r\n\r\nHTTP/1.1 200 OK\r\n`,
    ],
  ])("in %s of an answer", async (_where, head) => {
    const upstream = await during(
      rawUpstream((socket, request) => {
        const code = Number(/^GET \/(\d+)/.exec(request)?.[1]);
        socket.end(`${head(BYTES[code] ?? "")}Content-Length: 2\r\n\r\nok`, "latin1");
      }),
    );
    const lb = await during(liveBalancer(engine, [upstream], { timeouts: { responseMs: 1000 } }));
    const agent = keepAliveAgent();
    for (const code of BYTES.keys()) await ask(lb.port, `/${code}`, { agent }).catch(() => {});
    agent.destroy();
    await lb.idle();
    expect((await ask(lb.port, "/65")).status).toBeGreaterThanOrEqual(200);
  });

  test.each([
    ["the first digit", (byte: string) => `HTTP/1.1 ${byte}01 OK\r\n`],
    ["a header's value", (byte: string) => `HTTP/1.1 101 OK\r\nX: a${byte}b\r\n`],
    ["the reason", (byte: string) => `HTTP/1.1 101 a${byte}b\r\n`],
  ])("in %s of an answer to an upgrade", async (_where, head) => {
    const upstream = await during(
      rawUpstream((socket, request) => {
        const byte = BYTES[Number(/^GET \/(\d+)/.exec(request)?.[1])] ?? "";
        socket.end(`${head(byte)}Connection: upgrade\r\nUpgrade: x\r\n\r\n`, "latin1");
      }),
    );
    const lb = await during(liveBalancer(engine, [upstream], { listener: { upgrades: ["x"] } }));
    for (const code of BYTES.keys()) {
      const client = await rawClient(lb.port);
      client.send(`GET /${code} HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n`);
      await client.closed;
      expect(client.received).toMatch(/^HTTP\/1.1 /);
    }
    await lb.idle();
  });

  test("in the trailers of an answer", async () => {
    const upstream = await during(
      rawUpstream((socket, request) => {
        const byte = BYTES[Number(/^GET \/(\d+)/.exec(request)?.[1])] ?? "";
        socket.end(
          `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX${byte}Y: 1\r\nX: a${byte}b\r\n\r\n`,
          "latin1",
        );
      }),
    );
    const lb = await during(liveBalancer(engine, [upstream], { listener: { upgrades: ["x"] } }));
    for (const code of BYTES.keys()) await ask(lb.port, `/${code}`).catch(() => {});
    await lb.idle();
    expect((await ask(lb.port, "/65")).body.toString()).toBe("ok");
  });
});
