import { describe, expect, test } from "vitest";
import { ask, rawClient } from "../support/clients.ts";
import { during } from "../support/cleanup.ts";
import { ENGINES } from "../../lb/transport/engines.ts";
import { liveBalancer } from "../support/live-balancer.ts";
import { until } from "../support/until.ts";
import {
  answeringUpstream,
  deadUpstream,
  deafUpstream,
  echoUpstream,
  endingUpstream,
  midBodyDeath,
  rawUpstream,
  resettingUpstream,
  stalledUpstream,
} from "../support/upstreams.ts";

const CUT_SHORT = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nthe beginning";
const CUT_CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n";

describe.each(ENGINES)("failures of upstreams over %s", (engine) => {
  test("nothing listening is 502 UF", async () => {
    const lb = await during(
      liveBalancer(engine, [await deadUpstream()], { pool: { retry: { attempts: 0 } } }),
    );
    const answer = await ask(lb.port, "/");
    expect(answer.status).toBe(502);
    expect(answer.headers["x-balancer-flag"]).toBe("UF");
    expect(await lb.record(1)).toMatchObject({ flag: "UF", state: "SC", attempts: [{ result: "refused" }] });
    expect(lb.balancer.inFlight).toBe(0);
  });

  test("a refused POST is sent elsewhere, body and all", async () => {
    const echo = await during(echoUpstream());
    const lb = await during(liveBalancer(engine, [await deadUpstream(), echo]));
    for (let i = 0; i < 4; i++) {
      const answer = await ask(lb.port, "/", { method: "POST", body: `body ${i}` });
      expect(answer.body.toString()).toBe(`body ${i}`);
    }
    expect(lb.records.some(({ attempts }) => attempts.length === 2)).toBe(true);
  });

  test("a client that expects 100-continue gets no 100 when there is no upstream for it", async () => {
    const lb = await during(liveBalancer(engine, [await deadUpstream()]));
    const client = await rawClient(lb.port);
    client.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
    expect(await client.closed).toBe("ended");
    expect(client.received).toMatch(/^HTTP\/1.1 502 [^]*^connection: close\r$/im);
  });

  test("a connection that is never accepted is 504 UF after the connect timeout", async () => {
    const deaf = await during(deafUpstream());
    const lb = await during(
      liveBalancer(engine, [deaf], { pool: { retry: { attempts: 0 } }, timeouts: { connectMs: 60 } }),
    );
    const answer = await ask(lb.port, "/");
    expect(answer.status).toBe(504);
    expect(answer.headers["x-balancer-flag"]).toBe("UF");
    expect(await lb.record(1)).toMatchObject({ state: "sC", attempts: [{ result: "connect-timeout" }] });
    expect(lb.transport.counts({ host: "127.0.0.1", port: deaf.port })).toMatchObject({ active: 0, idle: 0 });
  });

  test("no head in time is 504 UT, and the upstream's connection is closed", async () => {
    const stalled = await during(stalledUpstream());
    const lb = await during(liveBalancer(engine, [stalled], { timeouts: { responseMs: 60 } }));
    const answer = await ask(lb.port, "/");
    expect(answer.status).toBe(504);
    expect(answer.headers["x-balancer-flag"]).toBe("UT");
    expect(await lb.record(1)).toMatchObject({ state: "sH", attempts: [{ result: "timeout" }] });
    await until(() => stalled.open === 0, "the upstream's connection to be closed");
  });

  test.each([
    { how: "a reset", make: resettingUpstream },
    { how: "an orderly end", make: () => endingUpstream("") },
    { how: "an end inside the head", make: () => endingUpstream("HTTP/1.1 200 OK\r\nX-A") },
  ])("$how before the head is 502 UC", async ({ make }) => {
    const upstream = await during(make());
    const lb = await during(liveBalancer(engine, [upstream]));
    const answer = await ask(lb.port, "/");
    expect(answer.status).toBe(502);
    expect(answer.headers["x-balancer-flag"]).toBe("UC");
    expect(await lb.record(1)).toMatchObject({ state: "SH", attempts: [{ result: "reset" }] });
  });

  test.each([
    ["another protocol", "SSH-2.0-OpenSSH_9.2\r\n"],
    ["two lengths that differ", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc"],
    ["a length that is no number", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nabc"],
    ["length and chunks", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nab"],
    ["a header without a name", "HTTP/1.1 200 OK\r\n: x\r\n\r\n"],
    [
      "a head that is too large",
      `HTTP/1.1 200 OK\r\nX-A: ${"x".repeat(20_000)}\r\nContent-Length: 0\r\n\r\n`,
    ],
    [
      "a 101 without an upgrade request",
      "HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n",
    ],
  ])("an answer with %s is 502 UPE", async (_what, bytes) => {
    const upstream = await during(answeringUpstream(bytes));
    const lb = await during(liveBalancer(engine, [upstream]));
    const answer = await ask(lb.port, "/");
    expect(answer.status).toBe(502);
    expect(answer.headers["x-balancer-flag"]).toBe("UPE");
    expect(await lb.record(1)).toMatchObject({ state: "PH", attempts: [{ result: "invalid" }] });
    await until(() => upstream.open === 0, "the upstream's connection to be closed");
  });

  test.each([
    ["a length is cut short by an end", endingUpstream, CUT_SHORT],
    ["chunks are cut short by an end", endingUpstream, CUT_CHUNKED],
    ["a chunk turns out to be none", answeringUpstream, `${CUT_CHUNKED}zz\r\n`],
  ])("when %s, the client is cut off and never takes it for whole", async (_what, make, bytes) => {
    const upstream = await during(make(bytes));
    const lb = await during(liveBalancer(engine, [upstream]));
    await expect(ask(lb.port, "/")).rejects.toThrow();
    expect(await lb.record(1)).toMatchObject({ flag: "UC", state: "SD", attempts: [{ result: "cut" }] });
    expect(lb.balancer.inFlight).toBe(0);
  });

  test.each([
    ["with a length", CUT_SHORT, "the beginning"],
    ["in chunks", CUT_CHUNKED, "abc"],
    [
      "with a length, on a connection to be closed",
      CUT_SHORT.replace("OK", "OK\r\nConnection: close"),
      "the b",
    ],
  ])("an upstream that dies in a body %s cuts the client", async (_what, bytes, seen) => {
    let die = () => {};
    const ripe = new Promise<void>((resolve) => (die = resolve));
    const upstream = await during(midBodyDeath(bytes, () => ripe));
    const lb = await during(liveBalancer(engine, [upstream]));
    const client = await rawClient(lb.port);
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await client.receives(new RegExp(seen));
    die();
    await client.closed;
    expect(client.received).not.toMatch(/0\r\n\r\n$/);
    expect(await lb.record(1)).toMatchObject({ flag: "UC", state: "SD" });
  });

  test("an HTTP/1.0 client, to which an end means the whole answer, is reset instead", async () => {
    const upstream = await during(endingUpstream(CUT_CHUNKED));
    const lb = await during(liveBalancer(engine, [upstream]));
    const client = await rawClient(lb.port);
    client.send("GET / HTTP/1.0\r\n\r\n");
    expect(await client.closed).toBe("reset");
  });

  test("a kept connection that the upstream has closed meanwhile is detected and replaced", async () => {
    const upstream = await during(
      rawUpstream((socket, head) => {
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        if (head.startsWith("GET /last")) socket.end();
      }),
    );
    const lb = await during(liveBalancer(engine, [upstream]));
    for (let i = 0; i < 20; i++) {
      const answers = await Promise.all([ask(lb.port, "/"), ask(lb.port, "/last"), ask(lb.port, "/")]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    }
  });

  test("connections that an upstream drops while they idle are forgotten", async () => {
    const upstream = await during(echoUpstream());
    const lb = await during(liveBalancer(engine, [upstream]));
    const target = { host: "127.0.0.1", port: upstream.port };
    await Promise.all([ask(lb.port, "/"), ask(lb.port, "/"), ask(lb.port, "/")]);
    expect(lb.transport.counts(target).idle).toBe(3);
    upstream.dropConnections();
    await until(() => lb.transport.counts(target).idle === 0, "idle connections to be forgotten");
    expect((await ask(lb.port, "/")).status).toBe(200);
  });

  test("an upstream that announces how long it waits is not kept longer", async () => {
    const upstream = await during(
      answeringUpstream("HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 2\r\n\r\nok"),
    );
    const lb = await during(liveBalancer(engine, [upstream]));
    await ask(lb.port, "/");
    await until(() => upstream.open === 0, "the connection to be closed on our side");
    expect((await ask(lb.port, "/")).status).toBe(200);
  });
});
