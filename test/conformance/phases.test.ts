import { createServer, type AddressInfo, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { rawClient, type RawClient } from "../support/clients.ts";
import { ENGINES, type EngineName } from "../../lb/transport/engines.ts";
import { liveBalancer } from "../support/live-balancer.ts";
import { until } from "../support/until.ts";
import { answersTo, createBed, settled, type Bed } from "./wire/bed.ts";
import { echo, type Serve } from "./wire/recording-upstream.ts";

let bed: Bed;
afterEach(() => bed.close());

/** A bed whose upstream answers everything but `/held`, whose connections it passes to the test. */
async function holdingBed(engine: EngineName, options?: Parameters<typeof createBed>[2]) {
  const held: Socket[] = [];
  const serve: Serve = (socket, request) =>
    request.target === "/held" ? void held.push(socket) : echo(socket, request);
  bed = await createBed(engine, serve, { listener: { upgrades: ["x"] }, ...options });
  return held;
}

async function clientSending(bytes: string): Promise<RawClient> {
  const client = await rawClient(bed.lb.port);
  client.send(bytes);
  return client;
}

const HELD = "GET /held HTTP/1.1\r\nHost: a\r\n\r\n";
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const UPGRADE = "GET /held HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n";
const BAD_CHUNKS = "POST /bad HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
const SWITCH = "HTTP/1.1 101 S\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n";

async function expectNoneLeft() {
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
        "before its 100",
        "POST /held HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
      ],
      ["before the answer", HELD],
      ["before its upgrade is granted", UPGRADE],
      ["with a second request behind the first", HELD + HELD],
    ])("%s, and no upstream has it for whole", async (_where, bytes) => {
      await holdingBed(engine);
      const client = await clientSending(bytes);
      const whole = bytes.includes(HELD) || bytes === UPGRADE;
      if (whole) await until(() => bed.upstream.requests.length > 0, "the request to arrive");
      client.socket[how]();
      await client.closed;
      await expectNoneLeft();
      const got = bed.upstream.requests.filter(({ target }) => target === "/held");
      expect(got).toHaveLength(bytes === HELD + HELD ? got.length : whole ? 1 : 0);
      await until(() => bed.upstream.open <= 1, "the upstream's connections to be closed");
    });

    test("in the middle of its answer", async () => {
      const held = await holdingBed(engine);
      const client = await clientSending(HELD);
      await until(() => held.length === 1, "the request to arrive");
      held[0]?.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart");
      await client.receives(/part/);
      client.socket[how]();
      await expectNoneLeft();
      expect(held[0]?.destroyed || (await until(() => held[0]?.destroyed, "the upstream's end"))).toBe(true);
    });

    test("in the middle of a tunnel", async () => {
      const held = await holdingBed(engine);
      const client = await clientSending(UPGRADE);
      await until(() => held.length === 1, "the request to arrive");
      held[0]?.on("data", () => {});
      held[0]?.write(`${SWITCH}hello`);
      await client.receives(/hello/);
      client.socket[how]();
      await expectNoneLeft();
      await until(() => held[0]?.destroyed, "the upstream's connection to be closed");
    });
  });

  test("RFC 9110, 10.1.1: a client that waits gets one 100 for its body, when there is an upstream for it", async () => {
    await holdingBed(engine);
    const client = await clientSending(
      "PUT /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
    );
    expect(await client.receives(/\r\n\r\n/)).toBe("HTTP/1.1 100 Continue\r\n\r\n");
    client.send("hello");
    const { answers, wrong } = await answersTo(client, ["PUT"]);
    expect(wrong).toBeUndefined();
    expect(answers).toMatchObject([{ status: 200, body: "hello", interim: [100] }]);
    client.socket.destroy();
    await expectNoneLeft();
  });

  test("RFC 9110, 10.1.1: a client whose request is refused gets no 100, and its connection ends", async () => {
    bed = await createBed(engine, undefined, { route: { path: "/only" } });
    const client = await clientSending(
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
    const client = await clientSending(
      "PUT /held HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
    );
    await client.receives(/100 Continue/);
    client.send("hello");
    await until(() => held.length === 1, "the request to arrive");
    held[0]?.write(`HTTP/1.1 100 Continue\r\n\r\n${OK}`);
    const { answers, wrong } = await answersTo(client, ["PUT"]);
    expect(wrong).toBeUndefined();
    expect(answers).toMatchObject([{ status: 200, body: "ok", interim: [100] }]);
    client.socket.destroy();
    await expectNoneLeft();
  });

  test("RFC 9110, 10.1.1: an answer that comes before the body after a 100 is relayed", async () => {
    const sockets: Socket[] = [];
    const upstream = createServer((socket) => {
      socket.on("error", () => {});
      sockets.push(socket);
      socket.once("data", () => socket.write("HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno"));
    });
    await new Promise<void>((resolve) => upstream.listen(0, "127.0.0.1", resolve));
    bed = await createBed(engine);
    const lb = await liveBalancer(engine, [upstream.address() as AddressInfo]);
    const client = await rawClient(lb.port);
    client.send("PUT /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
    await client.receives(/no$/);
    const { answers, wrong } = await answersTo(client, ["PUT"]);
    expect(wrong).toBeUndefined();
    expect(answers).toMatchObject([{ status: 401, body: "no" }]);
    expect(lb.records[0]).toMatchObject({ status: 401, flag: "-", origin: "upstream" });
    client.socket.destroy();
    await lb.close();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => upstream.close(resolve));
  });

  test("RFC 9112, 9.3.2: pipelined requests are answered in their order, whichever is done first", async () => {
    const held = await holdingBed(engine);
    const client = await clientSending(
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
    await expectNoneLeft();
  });

  test.each([
    ["two Hosts", "GET /bad HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400],
    ["no HTTP", "nonsense\r\n\r\n", 400],
    ["an unknown method", "BREW /bad HTTP/1.1\r\nHost: a\r\n\r\n", 501],
    ["an unknown expectation", "GET /bad HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n", 417],
    ["CONNECT", "CONNECT bad:80 HTTP/1.1\r\nHost: bad:80\r\n\r\n", 405],
    ["a body that is none", `${BAD_CHUNKS}zz\r\n`, 400],
  ])(
    "RFC 9112, 9.3.2: a bad request behind a good one in flight is refused after its answer: %s",
    async (_what, bytes, status) => {
      const held = await holdingBed(engine);
      const client = await clientSending(HELD + bytes);
      await until(() => held.length === 1, "the request to arrive");
      await until(() => bed.lb.records.length > 0, "the bad one to be refused");
      held[0]?.write(OK);
      expect(await client.closed).toBe("ended");
      const { answers, wrong } = await answersTo(client, ["GET", "GET"]);
      expect(wrong).toBeUndefined();
      expect(answers.map((answer) => answer.status)).toEqual([200, status]);
      await expectNoneLeft();
      expect(bed.upstream.requests.filter(({ target }) => target === "/bad")).toEqual([]);
    },
  );

  test("RFC 9112, 9.3.2: a hundred pipelined requests are all answered", async () => {
    await holdingBed(engine);
    const targets = Array.from({ length: 100 }, (_, i) => `/${i}`);
    const client = await clientSending(
      targets.map((target) => `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`).join(""),
    );
    const { answers, wrong } = await answersTo(
      client,
      targets.map(() => "GET"),
    );
    expect(wrong).toBeUndefined();
    expect(answers.map(({ fields }) => fields.find(([name]) => name === "x-target")?.[1])).toEqual(targets);
    client.socket.destroy();
    await expectNoneLeft();
  });

  test.each([
    ["two upgrades behind each other", UPGRADE + UPGRADE],
    ["a request behind an upgrade", UPGRADE + HELD],
  ])("RFC 9110, 7.8: %s: no request is made of what follows", async (_what, bytes) => {
    const held = await holdingBed(engine);
    const client = await clientSending(bytes);
    await until(() => held.length === 1, "the upgrade to arrive");
    held[0]?.write("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
    await client.closed;
    expect(await answersTo(client, ["GET"])).toMatchObject({
      answers: [{ status: 403 }],
      wrong: undefined,
    });
    await expectNoneLeft();
    expect(bed.upstream.requests.filter(({ target }) => target === "/held").length).toBeLessThanOrEqual(1);
  });

  test("RFC 9110, 7.8: an upgrade behind a request in flight is an ordinary request, answered after it and the last", async () => {
    const held = await holdingBed(engine);
    const client = await clientSending(`${HELD}${UPGRADE.replace("/held", "/second")}${HELD}`);
    await until(() => bed.upstream.requests.length === 2, "both to arrive");
    held[0]?.write(OK);
    expect(await client.closed).toBe("ended");
    const { answers, wrong } = await answersTo(client, ["GET", "GET"]);
    expect(wrong).toBeUndefined();
    expect(
      answers.map(({ body, fields }) => [body, fields.find(([name]) => name === "x-target")?.[1]]),
    ).toEqual([
      ["ok", undefined],
      ["", "/second"],
    ]);
    await expectNoneLeft();
    const second = bed.upstream.requests.find(({ target }) => target === "/second");
    expect(second?.fields.map(([name]) => name)).not.toContain("upgrade");
    expect(bed.upstream.requests.filter(({ target }) => target === "/held")).toHaveLength(1);
  });

  test.each([
    ["an answer whole", "abc"],
    ["an answer that comes piece by piece", "a"],
  ])(
    "RFC 9110, 7.8: bytes behind a request whose Upgrade is ignored are not read: %s",
    async (_what, rest) => {
      const held = await holdingBed(engine);
      const client = await clientSending(
        `POST /held HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 3\r\n\r\n${rest}`,
      );
      client.send(`${"abc".slice(rest.length)}GET /smuggled HTTP/1.1\r\nHost`);
      await until(() => held.length === 1, "the request to arrive");
      client.send(": a\r\n\r\nGET /next HTTP/1.1\r\nHost: a\r\n\r\n");
      held[0]?.write(OK);
      expect(await client.closed).toBe("ended");
      const { answers, wrong } = await answersTo(client, ["POST"]);
      expect(wrong).toBeUndefined();
      expect(answers).toMatchObject([{ status: 200, body: "ok" }]);
      await expectNoneLeft();
      expect(bed.upstream.requests.map(({ target }) => target)).toEqual(["/held", "/settled"]);
    },
  );

  test("RFC 9110, 7.8: a body that cannot be read behind an Upgrade that is ignored reaches no upstream whole", async () => {
    await holdingBed(engine, { timeouts: { clientBodyMs: 300 } });
    const client = await clientSending(
      "POST /x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n",
    );
    await client.closed;
    const { answers, wrong } = await answersTo(client, ["POST"]);
    expect(wrong).toBeUndefined();
    // node emits no error for such a body: it is one that never ends.
    expect(answers).toMatchObject([{ status: 408 }]);
    await expectNoneLeft();
    expect(bed.upstream.requests.map(({ target }) => target)).toEqual(["/settled"]);
  });

  test.each([
    ["another protocol", "Connection: Upgrade\r\nUpgrade: h2c\r\n", "upgrade-invalid"],
    ["another one beside it", "Connection: Upgrade\r\nUpgrade: x, h2c\r\n", "upgrade-invalid"],
    ["no protocol", "Connection: Upgrade\r\nUpgrade: \r\n", "answer-invalid"],
    ["no Upgrade", "X-A: 1\r\n", "answer-invalid"],
    ["an Upgrade that Connection does not name", "Upgrade: h2c\r\n", "answer-invalid"],
  ])("RFC 9110, 15.2.2: a switch to %s than was requested is no answer", async (_what, fields, reason) => {
    const held = await holdingBed(engine);
    const client = await clientSending(UPGRADE);
    await until(() => held.length === 1, "the upgrade to arrive");
    held[0]?.write(`HTTP/1.1 101 Switching Protocols\r\n${fields}\r\nPRI * HTTP/2.0\r\n\r\n`);
    expect(await client.closed).toBe("ended");
    const { answers, wrong } = await answersTo(client, ["GET"]);
    expect(wrong).toBeUndefined();
    expect(answers).toMatchObject([{ status: 502, interim: [] }]);
    expect(bed.lb.records[0]).toMatchObject({ flag: "UPE", reason });
    await until(() => held[0]?.destroyed, "the upstream's connection to be closed");
    await expectNoneLeft();
  });

  test("RFC 9110, 7.8: of several protocols only those that are allowed are requested", async () => {
    const held = await holdingBed(engine);
    const client = await clientSending(UPGRADE.replace("Upgrade: x", "Upgrade: h2c, X\r\nUpgrade: tcp"));
    await until(() => held.length === 1, "the upgrade to arrive");
    const sent = bed.upstream.requests[0]?.fields.filter(([name]) => name === "upgrade");
    expect(sent).toEqual([["upgrade", "X"]]);
    held[0]?.write(SWITCH);
    await client.receives(/ 101 /);
    client.socket.destroy();
    await expectNoneLeft();
  });

  test("RFC 9110, 7.8: an upgrade that is granted carries what its client sent early, and nothing else", async () => {
    const held = await holdingBed(engine);
    const client = await clientSending(`${UPGRADE}GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n`);
    await until(() => held.length === 1, "the upgrade to arrive");
    let received = "";
    held[0]?.on("data", (chunk: Buffer) => (received += chunk.toString()));
    held[0]?.write(SWITCH);
    await until(() => received.endsWith("\r\n\r\n"), "the early bytes");
    expect(received).toBe("GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
    client.socket.destroy();
    await expectNoneLeft();
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
    const client = await clientSending(UPGRADE);
    await until(() => held.length === 1, "the upgrade to arrive");
    if (held[0]) act(held[0]);
    const { answers, wrong } = await answersTo(client, ["GET"]);
    expect(wrong).toBeUndefined();
    expect(answers).toMatchObject([{ status }]);
    client.socket.destroy();
    await expectNoneLeft();
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
    const first = await clientSending(HELD);
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
    const { answers, wrong } = await answersTo(await clientSending("GET /next HTTP/1.1\r\nHost: a\r\n\r\n"), [
      "GET",
    ]);
    expect(wrong).toBeUndefined();
    expect(answers[0]?.fields).toContainEqual(["x-target", "/next"]);
    first.socket.destroy();
    await expectNoneLeft();
  });

  test.each(["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])(
    "RFC 9112, 9.3.1: %s on a kept connection that the upstream closes just then is sent again, once",
    async (method) => {
      const held = await holdingBed(engine);
      const first = await clientSending(HELD);
      await until(() => held.length === 1, "the request to arrive");
      held[0]?.write(OK);
      await first.receives(/ok$/);
      const client = await clientSending(`${method} /held HTTP/1.1\r\nHost: a\r\n\r\n`);
      await until(() => held.length === 2, "the request to arrive on the kept connection");
      held[1]?.resetAndDestroy();
      await until(() => held.length === 3, "the request to arrive again");
      held[2]?.write(method === "HEAD" ? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" : OK);
      const { answers, wrong } = await answersTo(client, [method]);
      expect(wrong).toBeUndefined();
      expect(answers).toMatchObject([{ status: 200 }]);
      first.socket.destroy();
      client.socket.destroy();
      await expectNoneLeft();
      expect(held).toHaveLength(3);
    },
  );

  test.each([
    ["POST", "POST /held HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"],
    ["PATCH with a body", "PATCH /held HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx"],
    ["PUT whose body is gone", "PUT /held HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx"],
  ])("RFC 9110, 9.2.2: %s on such a connection is never sent a second time", async (_what, bytes) => {
    const held = await holdingBed(engine);
    const first = await clientSending(HELD);
    await until(() => held.length === 1, "the request to arrive");
    held[0]?.write(OK);
    await first.receives(/ok$/);
    const client = await clientSending(bytes);
    await until(() => held.length === 2, "the request to arrive on the kept connection");
    held[1]?.resetAndDestroy();
    const { answers } = await answersTo(client, ["POST"]);
    expect(answers).toMatchObject([{ status: 502 }]);
    first.socket.destroy();
    client.socket.destroy();
    await expectNoneLeft();
    expect(held).toHaveLength(2);
  });
});
