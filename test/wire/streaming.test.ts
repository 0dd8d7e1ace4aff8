import { describe, expect, test } from "vitest";
import { rawClient } from "../support/clients.ts";
import { during } from "../support/cleanup.ts";
import { ENGINES } from "../../lb/transport/engines.ts";
import { liveBalancer } from "../support/live-balancer.ts";
import { until } from "../support/until.ts";
import { httpUpstream, rawUpstream } from "../support/upstreams.ts";
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

const MEGABYTE = 1024 * 1024;

describe.each(ENGINES)("streaming over %s", (engine) => {
  test("server-sent events arrive one by one, and the head before the first", async () => {
    let stream: ServerResponse | undefined;
    const upstream = await during(
      httpUpstream((_, response) => {
        stream = response;
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.flushHeaders();
      }),
    );
    const lb = await during(liveBalancer(engine, [upstream]));
    const client = await rawClient(lb.port);
    client.send("GET /events HTTP/1.1\r\nHost: a\r\n\r\n");
    await client.receives(/content-type: text\/event-stream\r\n[^]*\r\n\r\n/i);
    for (let i = 1; i <= 3; i++) {
      stream?.write(`data: ${i}\n\n`);
      await client.receives(new RegExp(`data: ${i}\n`));
    }
    stream?.end();
    await client.receives(/0\r\n\r\n$/);
    client.socket.destroy();
  });

  test("answers to pipelined requests come whole, whichever begins while the first one waits for its client", async () => {
    const body = "x".repeat(16 * MEGABYTE);
    const later: ServerResponse[] = [];
    let first: Socket | undefined;
    const upstream = await during(
      httpUpstream((request, response) => {
        response.writeHead(200, { "content-length": body.length });
        if (request.url !== "/1") return void later.push(response);
        first = request.socket;
        response.end(body);
      }),
    );
    const lb = await during(liveBalancer(engine, [upstream]));
    const client = await rawClient(lb.port);
    client.socket.pause();
    const targets = ["/1", "/2", "/3"];
    client.send(targets.map((target) => `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`).join(""));
    await until(() => later.length === 2, "all of them to arrive");
    await settled(() => first?.bytesWritten ?? 0);
    for (const response of later) response.end(body);
    await settled(() => later.reduce((sum, { socket }) => sum + (socket?.bytesWritten ?? 0), 0));
    client.socket.resume();
    await until(() => client.received.length > targets.length * body.length, "all of the bytes");
    await lb.idle();
    expect(lb.records).toMatchObject(targets.map(() => ({ status: 200, flag: "-", bytesOut: body.length })));
    client.socket.destroy();
  });

  test("a client that does not read holds the upstream back", async () => {
    let given = 0;
    let stalled = false;
    const upstream = await during(
      rawUpstream((socket) => {
        socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        const piece = `${(64 * 1024).toString(16)}\r\n${"x".repeat(64 * 1024)}\r\n`;
        const pump = () => {
          for (let more = true; more && given < 200 * MEGABYTE; given += piece.length)
            more = socket.write(piece);
          stalled = true;
        };
        socket.on("drain", () => {
          stalled = false;
          pump();
        });
        pump();
      }),
    );
    const lb = await during(liveBalancer(engine, [upstream]));
    const client = await rawClient(lb.port);
    client.socket.pause();
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await settled(() => given);
    expect(stalled).toBe(true);
    // Kernel buffers on both hops take some megabytes; ours take next to nothing.
    expect(given).toBeLessThan(40 * MEGABYTE);
    const before = given;
    client.socket.on("data", () => {});
    client.socket.resume();
    await until(() => given > before + 20 * MEGABYTE, "the stream to go on");
    client.socket.destroy();
    await lb.idle();
  });

  test("an upstream that does not read holds the client back", async () => {
    let sink: Socket | undefined;
    const upstream = await during(
      rawUpstream((socket) => {
        socket.pause();
        sink = socket;
      }),
    );
    const lb = await during(liveBalancer(engine, [upstream]));
    const client = await rawClient(lb.port);
    const total = 200 * MEGABYTE;
    client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${total}\r\n\r\n`);
    let given = 0;
    const piece = Buffer.alloc(64 * 1024, "x");
    const pump = () => {
      for (let more = true; more && given < total; given += piece.length) more = client.socket.write(piece);
    };
    client.socket.on("drain", pump);
    pump();
    await until(() => sink, "the request to arrive");
    await settled(() => given);
    expect(given).toBeLessThan(40 * MEGABYTE);
    const before = given;
    sink?.removeAllListeners("data").resume();
    await until(() => given > before + 20 * MEGABYTE, "the upload to go on");
    client.socket.destroy();
    await lb.idle();
  });
});

/** Waits until a number has stopped growing for a while. */
async function settled(read: () => number) {
  let last = -1;
  let same = 0;
  await until(() => {
    const now = read();
    same = now === last && now > 0 ? same + 1 : 0;
    last = now;
    return same >= 30;
  }, "the flow to stop");
}
