import type { Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { rawClient, type RawClient } from "../support/clients.ts";
import { ENGINES, type EngineName } from "../../lb/transport/engines.ts";
import { until } from "../support/until.ts";
import { answersTo, createBed, settled, type Bed } from "./wire/bed.ts";
import { echo, type Serve } from "./wire/recording-upstream.ts";

let bed: Bed;
afterEach(() => bed.close());

/** A bed whose upstream answers everything but `/held`, whose connections it hands out. */
async function holdingBed(engine: EngineName, options?: Parameters<typeof createBed>[2]) {
  const held: Socket[] = [];
  const serve: Serve = (socket, request) =>
    request.target === "/held" ? void held.push(socket) : echo(socket, request);
  bed = await createBed(engine, serve, options);
  return held;
}

async function asked(bytes: string): Promise<RawClient> {
  const client = await rawClient(bed.lb.port);
  client.send(bytes);
  return client;
}

const HELD = "GET /held HTTP/1.1\r\nHost: a\r\n\r\n";
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const UPGRADE = "GET /held HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n";
const SWITCH = "HTTP/1.1 101 S\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n";

async function nobodyIsLeft() {
  await settled(bed);
  expect(bed.upstream.wrongs).toEqual([]);
  const target = { host: "127.0.0.1", port: bed.upstream.port };
  expect(bed.lb.transport.counts(target).active).toBe(0);
  expect(bed.lb.balancer.pools()[0]?.upstreams[0]?.inFlight).toBe(0);
}

describe.each(ENGINES)("phases of a request over %s", (engine) => {
  describe.each(["destroy", "resetAndDestroy"] as const)("RFC 9112, 9.5: a client leaves by %s", (how) => {
    test.each([
      ["in its request line", "GET /he"],
      ["in its fields", "GET /held HTTP/1.1\r\nHos"],
      ["before its body", "POST /held HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"],
      ["in its body", "POST /held HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab"],
      ["in a chunk's size", "POST /held HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1"],
      ["in a chunk", "POST /held HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"],
      [
        "before the last chunk",
        "POST /held HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n",
      ],
      ["in its trailers", "POST /held HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-A"],
      [
        "before it is asked for its body",
        "POST /held HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
      ],
      ["before the answer", HELD],
      ["before its upgrade is granted", UPGRADE],
      ["with a second request behind the first", HELD + HELD],
    ])("%s, and no upstream has it for whole", async (_where, bytes) => {
      await holdingBed(engine);
      const client = await asked(bytes);
      const whole = bytes.includes(HELD) || bytes === UPGRADE;
      if (whole) await until(() => bed.upstream.requests.length > 0, "the request to arrive");
      client.socket[how]();
      await client.closed;
      await nobodyIsLeft();
      const got = bed.upstream.requests.filter(({ target }) => target === "/held");
      expect(got).toHaveLength(bytes === HELD + HELD ? got.length : whole ? 1 : 0);
      await until(() => bed.upstream.open <= 1, "the upstream's connections to be closed");
    });

    test("in the middle of its answer", async () => {
      const held = await holdingBed(engine);
      const client = await asked(HELD);
      await until(() => held.length === 1, "the request to arrive");
      held[0]?.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart");
      await client.receives(/part/);
      client.socket[how]();
      await nobodyIsLeft();
      expect(held[0]?.destroyed || (await until(() => held[0]?.destroyed, "the upstream's end"))).toBe(true);
    });

    test("in the middle of a tunnel", async () => {
      const held = await holdingBed(engine);
      const client = await asked(UPGRADE);
      await until(() => held.length === 1, "the request to arrive");
      held[0]?.on("data", () => {});
      held[0]?.write(`${SWITCH}hello`);
      await client.receives(/hello/);
      client.socket[how]();
      await nobodyIsLeft();
      await until(() => held[0]?.destroyed, "the upstream's connection to be closed");
    });
  });

  test("RFC 9110, 10.1.1: a client that waits is asked for its body once, when there is an upstream for it", async () => {
    await holdingBed(engine);
    const client = await asked(
      "PUT /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
    );
    expect(await client.receives(/\r\n\r\n/)).toBe("HTTP/1.1 100 Continue\r\n\r\n");
    client.send("hello");
    const { answers, wrong } = await answersTo(client, ["PUT"]);
    expect(wrong).toBeUndefined();
    expect(answers).toMatchObject([{ status: 200, body: "hello", interim: [100] }]);
    client.socket.destroy();
    await nobodyIsLeft();
  });

  test("RFC 9110, 10.1.1: a client whose request is turned down is not asked for its body, and its connection ends", async () => {
    bed = await createBed(engine, undefined, { route: { path: "/only" } });
    const client = await asked(
      "PUT /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
    );
    await client.closed;
    const { answers, wrong } = await answersTo(client, ["PUT"]);
    expect(wrong).toBeUndefined();
    expect(answers).toMatchObject([{ status: 404, interim: [] }]);
    expect(bed.upstream.requests).toEqual([]);
  });

  test("RFC 9110, 15.2.1: an upstream's own 100 is not passed on twice", async () => {
    const held = await holdingBed(engine);
    const client = await asked(
      "PUT /held HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
    );
    await client.receives(/100 Continue/);
    client.send("hello");
    await until(() => held.length === 1, "the request to arrive");
    held[0]?.write(`HTTP/1.1 100 Continue\r\n\r\n${OK}`);
    const { answers, wrong } = await answersTo(client, ["PUT"]);
    expect(wrong).toBeUndefined();
    // undici takes it for an answer that nobody asked for, which it is: the request had no Expect.
    if (engine === "undici") expect(answers).toMatchObject([{ status: 502, interim: [100] }]);
    else expect(answers).toMatchObject([{ status: 200, body: "ok", interim: [100] }]);
    client.socket.destroy();
    await nobodyIsLeft();
  });

  test("RFC 9112, 9.3.2: pipelined requests are answered in their order, whichever is done first", async () => {
    const held = await holdingBed(engine);
    const client = await asked(
      `${HELD}GET /2 HTTP/1.1\r\nHost: a\r\n\r\nHEAD /3 HTTP/1.1\r\nHost: a\r\n\r\n`,
    );
    await until(() => bed.upstream.requests.length === 3, "all of them to arrive");
    held[0]?.write(OK);
    const { answers, wrong } = await answersTo(client, ["GET", "GET", "HEAD"]);
    expect(wrong).toBeUndefined();
    expect(answers.map(({ fields }) => fields.find(([name]) => name === "x-target")?.[1])).toEqual([
      undefined,
      "/2",
      "/3",
    ]);
    client.socket.destroy();
    await nobodyIsLeft();
  });

  test("RFC 9112, 9.3.2: a bad request behind a good one in flight ends the connection, and reaches nobody", async () => {
    await holdingBed(engine);
    const client = await asked(`${HELD}GET /bad HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n`);
    await client.closed;
    const { wrong } = await answersTo(client, ["GET"]);
    expect(wrong).toBeUndefined();
    await nobodyIsLeft();
    expect(bed.upstream.requests.filter(({ target }) => target === "/bad")).toEqual([]);
  });

  test("RFC 9112, 9.3.2: a hundred pipelined requests are all answered", async () => {
    await holdingBed(engine);
    const targets = Array.from({ length: 100 }, (_, i) => `/${i}`);
    const client = await asked(targets.map((target) => `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`).join(""));
    const { answers, wrong } = await answersTo(
      client,
      targets.map(() => "GET"),
    );
    expect(wrong).toBeUndefined();
    expect(answers.map(({ fields }) => fields.find(([name]) => name === "x-target")?.[1])).toEqual(targets);
    client.socket.destroy();
    await nobodyIsLeft();
  });

  test.each([
    ["two upgrades behind each other", UPGRADE + UPGRADE],
    ["an upgrade behind a request in flight", HELD + UPGRADE],
    ["a request behind an upgrade", UPGRADE + HELD],
  ])("RFC 9110, 7.8: %s: no request is made of what follows", async (_what, bytes) => {
    const held = await holdingBed(engine);
    const client = await asked(bytes);
    if (bytes.startsWith(UPGRADE)) {
      await until(() => held.length === 1, "the upgrade to arrive");
      held[0]?.write("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
      await client.closed;
      expect(await answersTo(client, ["GET"])).toMatchObject({
        answers: [{ status: 403 }],
        wrong: undefined,
      });
    } else await client.closed;
    await nobodyIsLeft();
    expect(bed.upstream.requests.filter(({ target }) => target === "/held").length).toBeLessThanOrEqual(1);
  });

  test("RFC 9110, 7.8: an upgrade that is granted carries what its client sent early, and nothing else", async () => {
    const held = await holdingBed(engine);
    const client = await asked(`${UPGRADE}GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n`);
    await until(() => held.length === 1, "the upgrade to arrive");
    let received = "";
    held[0]?.on("data", (chunk: Buffer) => (received += chunk.toString()));
    held[0]?.write(SWITCH);
    await until(() => received.endsWith("\r\n\r\n"), "the early bytes");
    expect(received).toBe("GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
    client.socket.destroy();
    await nobodyIsLeft();
    expect(bed.upstream.requests.filter(({ target }) => target === "/smuggled")).toEqual([]);
  });

  test.each([
    ["reset", (socket: Socket) => socket.resetAndDestroy(), 502],
    ["ended", (socket: Socket) => socket.end(), 502],
    ["answered with nonsense", (socket: Socket) => socket.write("nonsense\r\n\r\n"), 502],
    ["answered with an ordinary answer", (socket: Socket) => socket.write(OK), 200],
    [
      "answered with an interim answer before the switch",
      (socket: Socket) => socket.write(`HTTP/1.1 103 E\r\n\r\n${SWITCH}`),
      101,
    ],
    [
      "answered with a coding that is none",
      (socket: Socket) => socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n"),
      502,
    ],
  ])("RFC 9110, 7.8: an upgrade that is %s while it is pending", async (_what, act, status) => {
    const held = await holdingBed(engine);
    const client = await asked(UPGRADE);
    await until(() => held.length === 1, "the upgrade to arrive");
    if (held[0]) act(held[0]);
    const { answers, wrong } = await answersTo(client, ["GET"]);
    expect(wrong).toBeUndefined();
    expect(answers).toMatchObject([{ status }]);
    client.socket.destroy();
    await nobodyIsLeft();
  });

  test.each([
    ["an answer", "HTTP/1.1 200 OK\r\nX-Poison: 1\r\nContent-Length: 6\r\n\r\npoison"],
    ["the beginning of one", "HTTP/1.1 200 OK\r\nX-Poi"],
    ["an interim answer", "HTTP/1.1 103 Early Hints\r\n\r\n"],
    [
      "a 408, as some servers say before they close",
      "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n",
    ],
    ["nonsense", "nonsense"],
    ["a line end", "\r\n"],
  ])("RFC 9112, 9.2: %s on a connection that idles is never taken for an answer", async (_what, bytes) => {
    const held = await holdingBed(engine);
    const first = await asked(HELD);
    await until(() => held.length === 1, "the request to arrive");
    held[0]?.write(OK);
    await first.receives(/ok$/);
    const target = { host: "127.0.0.1", port: bed.upstream.port };
    await until(() => bed.lb.transport.counts(target).idle === 1, "the connection to be kept");
    held[0]?.write(bytes, "latin1");
    // A line end means nothing (RFC 9112, 2.2), before it or after.
    if (bytes.trim() === "") held[0]?.end();
    await until(
      () => held[0]?.destroyed || bed.lb.transport.counts(target).idle === 0,
      "the connection to be given up",
    );
    const { answers, wrong } = await answersTo(await asked("GET /next HTTP/1.1\r\nHost: a\r\n\r\n"), ["GET"]);
    expect(wrong).toBeUndefined();
    expect(answers[0]?.fields).toContainEqual(["x-target", "/next"]);
    first.socket.destroy();
    await nobodyIsLeft();
  });

  test.each(["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])(
    "RFC 9112, 9.3.1: %s on a kept connection that the upstream closes just then is sent again, once",
    async (method) => {
      const held = await holdingBed(engine);
      const first = await asked(HELD);
      await until(() => held.length === 1, "the request to arrive");
      held[0]?.write(OK);
      await first.receives(/ok$/);
      const client = await asked(`${method} /held HTTP/1.1\r\nHost: a\r\n\r\n`);
      await until(() => held.length === 2, "the request to arrive on the kept connection");
      held[1]?.resetAndDestroy();
      await until(() => held.length === 3, "the request to arrive again");
      held[2]?.write(method === "HEAD" ? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" : OK);
      const { answers, wrong } = await answersTo(client, [method]);
      expect(wrong).toBeUndefined();
      expect(answers).toMatchObject([{ status: 200 }]);
      first.socket.destroy();
      client.socket.destroy();
      await nobodyIsLeft();
      expect(held).toHaveLength(3);
    },
  );

  test.each([
    ["POST", "POST /held HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"],
    ["PATCH with a body", "PATCH /held HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx"],
    ["PUT whose body is gone", "PUT /held HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx"],
  ])("RFC 9110, 9.2.2: %s on such a connection is never sent a second time", async (_what, bytes) => {
    const held = await holdingBed(engine);
    const first = await asked(HELD);
    await until(() => held.length === 1, "the request to arrive");
    held[0]?.write(OK);
    await first.receives(/ok$/);
    const client = await asked(bytes);
    await until(() => held.length === 2, "the request to arrive on the kept connection");
    held[1]?.resetAndDestroy();
    const { answers } = await answersTo(client, ["POST"]);
    expect(answers).toMatchObject([{ status: 502 }]);
    first.socket.destroy();
    client.socket.destroy();
    await nobodyIsLeft();
    expect(held).toHaveLength(2);
  });
});
