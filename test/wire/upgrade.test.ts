import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { rawClient } from "../support/clients.ts";
import { during } from "../support/cleanup.ts";
import { ENGINES } from "../../lb/transport/engines.ts";
import { liveBalancer } from "../support/live-balancer.ts";
import { until } from "../support/until.ts";
import {
  answeringUpstream,
  deadUpstream,
  endingUpstream,
  rawUpstream,
  resettingUpstream,
  stalledUpstream,
} from "../support/upstreams.ts";

const UPGRADE = "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n";
const ECHO = { upgrades: ["websocket", "echo"] };
const SWITCH = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n";

/** A WebSocket server that sends every message back. */
async function webSocketUpstream() {
  const http = createServer();
  const sockets = new WebSocketServer({ server: http });
  const closes: number[] = [];
  sockets.on("connection", (socket) => {
    socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
    socket.on("close", (code) => closes.push(code));
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  return {
    port: (http.address() as AddressInfo).port,
    closes,
    server: sockets,
    close() {
      for (const socket of sockets.clients) socket.terminate();
      http.close();
    },
  };
}

/** Answers 101, and sends every byte back. */
function switchingUpstream() {
  return rawUpstream((socket) => {
    socket.write(SWITCH);
    socket.removeAllListeners("data");
    socket.pipe(socket);
  });
}

describe.each(ENGINES)("upgrades over %s", (engine) => {
  test("a WebSocket passes messages both ways and closes cleanly", async () => {
    const upstream = await during(webSocketUpstream());
    const lb = await during(liveBalancer(engine, [upstream], { listener: ECHO }));
    const socket = new WebSocket(`ws://127.0.0.1:${lb.port}/chat`);
    const messages: string[] = [];
    socket.on("message", (data: Buffer) => messages.push(data.toString()));
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
    const large = "x".repeat(500_000);
    socket.send("hello");
    socket.send(large);
    await until(() => messages.length === 2, "both messages to come back");
    expect(messages).toEqual(["hello", large]);
    expect(lb.balancer.inFlight).toBe(1);
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.close(4001, "enough");
    expect(await closed).toBe(4001);
    await lb.idle();
    expect(upstream.closes).toEqual([4001]);
    expect(await lb.record(1)).toMatchObject({ status: 101, origin: "upstream" });
  });

  test("a WebSocket that its server closes is closed with its code", async () => {
    const upstream = await during(webSocketUpstream());
    const lb = await during(liveBalancer(engine, [upstream], { listener: ECHO }));
    const socket = new WebSocket(`ws://127.0.0.1:${lb.port}/`);
    await new Promise((resolve) => socket.once("open", resolve));
    const closed = new Promise((resolve) => socket.once("close", resolve));
    for (const client of upstream.server.clients) client.close(1012);
    expect(await closed).toBe(1012);
    await lb.idle();
  });

  test("bytes sent along with the upgrade, and right behind the 101, are not lost", async () => {
    const upstream = await during(
      rawUpstream((socket) => {
        socket.removeAllListeners("data");
        socket.write(`${SWITCH}welcome `);
        socket.pipe(socket);
      }),
    );
    const lb = await during(liveBalancer(engine, [upstream], { listener: ECHO }));
    const client = await rawClient(lb.port);
    client.send(UPGRADE);
    client.send("early");
    expect(await client.receives(/early$/)).toMatch(/^HTTP\/1.1 101 [^]*\r\n\r\nwelcome early$/);
    client.socket.destroy();
    await lb.idle();
  });

  test("the head of a 101 names the protocol once, and Connection once", async () => {
    const upstream = await during(switchingUpstream());
    const lb = await during(liveBalancer(engine, [upstream], { listener: ECHO }));
    const client = await rawClient(lb.port);
    client.send(UPGRADE);
    const head = await client.receives(/\r\n\r\n/);
    expect(head.match(/^upgrade: echo\r$/gim)).toHaveLength(1);
    expect(head.match(/^connection: upgrade\r$/gim)).toHaveLength(1);
    expect(upstream.requests[0]?.match(/^upgrade: echo$/gim)).toHaveLength(1);
    expect(upstream.requests[0]?.match(/^connection: upgrade$/gim)).toHaveLength(1);
    client.socket.destroy();
    await lb.idle();
  });

  test("a client that breaks off a tunnel frees the upstream", async () => {
    const upstream = await during(switchingUpstream());
    const lb = await during(liveBalancer(engine, [upstream], { listener: ECHO }));
    const client = await rawClient(lb.port);
    client.send(UPGRADE);
    await client.receives(/101/);
    client.socket.resetAndDestroy();
    await until(() => upstream.open === 0, "the upstream's connection to be closed");
    await lb.idle();
  });

  test("an upstream that breaks a tunnel off cuts the client", async () => {
    const sockets: Socket[] = [];
    const upstream = await during(
      rawUpstream((socket) => {
        sockets.push(socket);
        socket.write(SWITCH);
      }),
    );
    const lb = await during(liveBalancer(engine, [upstream], { listener: ECHO }));
    const client = await rawClient(lb.port);
    client.send(UPGRADE);
    await client.receives(/101/);
    for (const socket of sockets) socket.resetAndDestroy();
    await client.closed;
    await lb.idle();
    expect(await lb.record(1)).toMatchObject({ status: 101, flag: "UC", state: "SD", reason: "answer-cut" });
  });

  test("an upgrade that is declined is an ordinary answer, after which the connection ends", async () => {
    const upstream = await during(answeringUpstream("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"));
    const lb = await during(liveBalancer(engine, [upstream], { listener: ECHO }));
    const client = await rawClient(lb.port);
    client.send(UPGRADE);
    expect(await client.closed).toBe("ended");
    expect(client.received).toMatch(/^HTTP\/1.1 403 Forbidden\r\n[^]*connection: close\r\n\r\nno$/i);
    expect(await lb.record(1)).toMatchObject({ status: 403, origin: "upstream" });
  });

  test("a large answer to an upgrade waits for its client", async () => {
    const body = "x".repeat(5_000_000);
    const upstream = await during(
      endingUpstream(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`),
    );
    const lb = await during(liveBalancer(engine, [upstream], { listener: ECHO }));
    const client = await rawClient(lb.port);
    client.socket.pause();
    client.send(UPGRADE);
    await until(() => upstream.requests.length === 1, "the request to arrive");
    client.socket.resume();
    expect(await client.closed).toBe("ended");
    expect(client.received.length).toBeGreaterThan(body.length);
  });

  test.each([
    ["nothing listens", deadUpstream, 502, "UF"],
    ["it resets", resettingUpstream, 502, "UC"],
    ["it answers nothing", stalledUpstream, 504, "UT"],
    ["it answers nonsense", () => answeringUpstream("nonsense\r\n\r\n"), 502, "UPE"],
  ])("where %s, an upgrade gets the balancer's own answer", async (_what, make, status, flag) => {
    const upstream = await during(make());
    const lb = await during(
      liveBalancer(engine, [upstream], {
        pool: { retry: { attempts: 0 } },
        timeouts: { responseMs: 60 },
        listener: ECHO,
      }),
    );
    const client = await rawClient(lb.port);
    client.send(UPGRADE);
    expect(await client.closed).toBe("ended");
    expect(client.received).toMatch(new RegExp(`^HTTP/1.1 ${status} [^]*x-balancer-flag: ${flag}`, "i"));
    await until(() => upstream.open === 0, "the upstream's connection to be closed");
    await lb.idle();
  });

  test.each(["resetAndDestroy", "destroy"] as const)(
    "a client that leaves (%s) while its upgrade is pending frees the upstream",
    async (how) => {
      const upstream = await during(stalledUpstream());
      const lb = await during(liveBalancer(engine, [upstream], { listener: ECHO }));
      const client = await rawClient(lb.port);
      client.send(UPGRADE);
      await until(() => upstream.requests.length === 1, "the request to arrive");
      client.socket[how]();
      await until(() => upstream.open === 0, "the upstream's connection to be closed");
      await lb.idle();
      expect(await lb.record(1)).toMatchObject({ status: 499, flag: "DC" });
    },
  );
});
