import { describe, expect, test } from "vitest";
import { ask, rawClient } from "../support/clients.ts";
import { during } from "../support/cleanup.ts";
import { ENGINES } from "../../lb/transport/engines.ts";
import { liveBalancer, type LiveBalancer } from "../support/live-balancer.ts";
import { until } from "../support/until.ts";
import {
  deafUpstream,
  echoUpstream,
  httpUpstream,
  rawUpstream,
  stalledUpstream,
  type TestUpstream,
} from "../support/upstreams.ts";

async function nothingIsLeft(lb: LiveBalancer, upstream: TestUpstream) {
  await until(() => upstream.open === 0, "the upstream's connection to be closed");
  await lb.idle();
  expect(lb.transport.counts({ host: "127.0.0.1", port: upstream.port }).active).toBe(0);
  expect(lb.balancer.pools()[0]?.upstreams[0]?.inFlight).toBe(0);
}

describe.each(ENGINES)("clients that leave, over %s", (engine) => {
  test("before the answer: the upstream's connection is freed, 499 DC", async () => {
    const upstream = await during(stalledUpstream());
    const lb = await during(liveBalancer(engine, [upstream]));
    const client = await rawClient(lb.port);
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await until(() => upstream.requests.length === 1, "the request to arrive");
    client.socket.destroy();
    await nothingIsLeft(lb, upstream);
    expect(await lb.record(1)).toMatchObject({ status: 499, flag: "DC", state: "CH" });
  });

  test("while the upstream is being connected to", async () => {
    const upstream = await during(deafUpstream());
    const lb = await during(liveBalancer(engine, [upstream]));
    const client = await rawClient(lb.port);
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await until(() => lb.balancer.inFlight === 1, "the request to arrive");
    client.socket.destroy();
    await nothingIsLeft(lb, upstream);
    expect(await lb.record(1)).toMatchObject({ status: 499, attempts: [{ result: "client-left" }] });
  });

  test.each(["destroy", "resetAndDestroy"] as const)("in the middle of the answer, by %s", async (how) => {
    const upstream = await during(
      httpUpstream((_, response) => {
        const pump = () => {
          while (!response.destroyed && response.write("x".repeat(10_000)));
        };
        response.on("drain", pump);
        pump();
      }),
    );
    const lb = await during(liveBalancer(engine, [upstream]));
    const client = await rawClient(lb.port);
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await client.receives(/xxx/);
    client.socket[how]();
    await nothingIsLeft(lb, upstream);
    expect(await lb.record(1)).toMatchObject({ status: 200, flag: "DC", state: "CD" });
  });

  test("in the middle of its own body", async () => {
    const upstream = await during(stalledUpstream());
    const lb = await during(liveBalancer(engine, [upstream]));
    const client = await rawClient(lb.port);
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf");
    await until(() => upstream.requests.length === 1, "the request to arrive");
    client.socket.destroy();
    await nothingIsLeft(lb, upstream);
    expect(await lb.record(1)).toMatchObject({ status: 499, flag: "DC" });
  });

  test("after the answer: the upstream's connection is kept, and no failure is counted", async () => {
    const upstream = await during(echoUpstream());
    const lb = await during(liveBalancer(engine, [upstream]));
    const client = await rawClient(lb.port);
    client.send("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
    await client.receives(/200 OK/);
    client.socket.resetAndDestroy();
    expect(await lb.record(1)).toMatchObject({ status: 200, flag: "-" });
    await ask(lb.port, "/");
    expect(upstream.accepted).toBe(1);
  });

  test("one that sent several requests at once and left is forgotten with all of them", async () => {
    const upstream = await during(stalledUpstream());
    const lb = await during(liveBalancer(engine, [upstream]));
    const client = await rawClient(lb.port);
    client.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
    await until(() => upstream.requests.length === 2, "both requests to arrive");
    client.socket.destroy();
    await nothingIsLeft(lb, upstream);
    expect((await lb.record(2)).status).toBe(499);
  });

  test("pipelined requests are answered in their order", async () => {
    const upstream = await during(
      rawUpstream((socket, head) => {
        const [, n = ""] = /^GET \/(\d)/.exec(head) ?? [];
        const answer = () => socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n#${n}`);
        // The later one answers first.
        if (n === "1") held.push(answer);
        else answer();
        if (n === "2") for (const late of held) late();
      }),
    );
    const held: (() => void)[] = [];
    const lb = await during(liveBalancer(engine, [upstream]));
    const client = await rawClient(lb.port);
    client.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
    await client.receives(/#1[^]*#2/);
    client.socket.destroy();
  });
});
