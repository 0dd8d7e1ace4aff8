import { createServer, type AddressInfo } from "node:net";
import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../runtime/clock.ts";
import { silentLog } from "../../runtime/log.ts";
import { createListener } from "../../lb/listener/listener.ts";
import { ask, keepAliveAgent, rawClient } from "../support/clients.ts";
import { during } from "../support/cleanup.ts";
import { ENGINES } from "../../lb/transport/engines.ts";
import { liveBalancer } from "../support/live-balancer.ts";
import { until } from "../support/until.ts";
import { echoUpstream, httpUpstream, stalledUpstream } from "../support/upstreams.ts";

describe.each(ENGINES)("the listener over %s", (engine) => {
  test.each([
    ["the first head of a connection", ""],
    ["a later head of a connection", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"],
  ])("%s that comes too slowly is 408, logged and closed", async (_what, before) => {
    const upstream = await during(echoUpstream());
    const lb = await during(liveBalancer(engine, [upstream], { timeouts: { clientHeadMs: 200 } }));
    const client = await rawClient(lb.port);
    if (before !== "") {
      client.send(before);
      await client.receives(/200 OK/);
    }
    client.send("GET / HTTP/1.1\r\nHost:");
    await client.closed;
    expect(client.received).toMatch(/HTTP\/1.1 408 [^]*X-Balancer-Flag: DR/i);
    const record = await lb.record(before === "" ? 1 : 2);
    expect(record).toMatchObject({
      status: 408,
      flag: "DR",
      state: "cR",
      reason: "head-slow",
      origin: "balancer",
    });
    expect(record.totalMs).toBeGreaterThan(0);
  });

  test("a record has the request's version, and nothing of what could not be read", async () => {
    const upstream = await during(echoUpstream());
    const lb = await during(liveBalancer(engine, [upstream]));
    for (const bytes of [
      "GET /old HTTP/1.0\r\n\r\n",
      "GET /new HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
      "GET /none HTTP/1.1\r\n\r\n",
      "nonsense\r\n\r\n",
    ]) {
      const client = await rawClient(lb.port);
      client.send(bytes);
      await client.closed;
    }
    await lb.idle();
    expect(lb.records.map(({ method, target, protocol }) => [method, target, protocol])).toEqual([
      ["GET", "/old", "HTTP/1.0"],
      ["GET", "/new", "HTTP/1.1"],
      ["GET", "/none", "HTTP/1.1"],
      ["-", "-", undefined],
    ]);
  });

  test("a refusal has an id of its own, which its record has, too", async () => {
    const upstream = await during(echoUpstream());
    const lb = await during(liveBalancer(engine, [upstream]));
    const client = await rawClient(lb.port);
    client.send("GET / HTTP/1.1\r\n\r\n");
    await client.closed;
    expect(client.received).toContain(`\r\nx-request-id: ${(await lb.record(1)).requestId}\r\n`);
  });

  test("a head that is sent byte by byte without end is 408 all the same", async () => {
    const upstream = await during(echoUpstream());
    const lb = await during(liveBalancer(engine, [upstream], { timeouts: { clientHeadMs: 200 } }));
    const client = await rawClient(lb.port);
    client.send("GET / HTTP/1.1\r\nX-A: ");
    const drip = setInterval(() => client.send("x"), 20);
    await client.receives(/408/);
    clearInterval(drip);
    await client.closed;
    expect((await ask(lb.port, "/")).status).toBe(200);
  });

  test("a connection without a request is closed without an answer", async () => {
    const upstream = await during(echoUpstream());
    const lb = await during(liveBalancer(engine, [upstream], { timeouts: { clientHeadMs: 100 } }));
    const client = await rawClient(lb.port);
    expect(await client.closed).toBe("ended");
    expect(client.received).toBe("");
    expect(lb.records).toEqual([]);
  });

  test("empty lines after an answer do not keep a connection, which is closed without an answer", async () => {
    const upstream = await during(echoUpstream());
    const lb = await during(
      liveBalancer(engine, [upstream], { timeouts: { clientHeadMs: 100, idleMs: 10_000 } }),
    );
    const client = await rawClient(lb.port);
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    const answer = await client.receives(/200 OK[^]*\r\n\r\n/);
    const drip = setInterval(() => client.send("\r\n"), 20);
    await client.closed;
    clearInterval(drip);
    expect(client.received).toBe(answer);
    expect(lb.records).toHaveLength(1);
  });

  test("an empty line before a request is nothing to close a connection for", async () => {
    const upstream = await during(echoUpstream());
    const lb = await during(liveBalancer(engine, [upstream], { timeouts: { clientHeadMs: 200 } }));
    const client = await rawClient(lb.port);
    for (let n = 1; n <= 3; n++) {
      client.send("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
      await client.receives(new RegExp(`^(HTTP/1.1 200 OK[^]*){${n}}$`));
    }
    client.socket.destroy();
  });

  test("a slow answer is not taken for a slow head", async () => {
    let respond: ServerResponse | undefined;
    const upstream = await during(httpUpstream((_, response) => void (respond = response)));
    const lb = await during(liveBalancer(engine, [upstream], { timeouts: { clientHeadMs: 50 } }));
    const other = await rawClient(lb.port);
    other.send("GET");
    const answer = ask(lb.port, "/");
    await until(() => respond, "the request to arrive");
    // By then the answer has been waited for longer than a head may take.
    await other.closed;
    respond?.end("late");
    expect((await answer).body.toString()).toBe("late");
  });

  test("an idle connection is closed after its time, and a changed time holds from then on", async () => {
    const upstream = await during(echoUpstream());
    const lb = await during(liveBalancer(engine, [upstream]));
    const timeouts = { clientHeadMs: 15_000, clientBodyMs: 20_000, idleMs: 50 };
    lb.listener.update({ timeouts, upgrades: [] });
    const client = await rawClient(lb.port);
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await client.receives(/200 OK/);
    expect(await client.closed).toBe("ended");
  });

  test("closing ends idle connections soon, and busy ones with their answers", async () => {
    let respond: ServerResponse | undefined;
    const upstream = await during(
      httpUpstream((request, response) => {
        if (request.url === "/slow") respond = response;
        else response.end("quick");
      }),
    );
    const lb = await during(liveBalancer(engine, [upstream]));
    const idle = await rawClient(lb.port);
    idle.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await idle.receives(/quick/);
    const busy = await rawClient(lb.port);
    busy.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    await until(() => respond, "the request to arrive");
    const closed = lb.listener.close(10_000);
    await idle.closed;
    await expect(ask(lb.port, "/")).rejects.toThrow("ECONNREFUSED");
    respond?.end("x".repeat(1_000_000));
    expect(await busy.closed).toBe("ended");
    expect(busy.received).toMatch(/^connection: close\r$/im);
    expect(busy.received.length).toBeGreaterThan(1_000_000);
    await closed;
  });

  test("what is on its way when closing begins is answered, on connections kept, new, and not accepted yet", async () => {
    const upstream = await during(httpUpstream((_, response) => void response.end("quick")));
    const lb = await during(liveBalancer(engine, [upstream]));
    const kept = await rawClient(lb.port);
    kept.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await kept.receives(/quick/);
    const fresh = await rawClient(lb.port);
    // More than are accepted in any fixed number of turns.
    const dialling = Array.from({ length: 300 }, () => rawClient(lb.port));
    await new Promise<void>((resolve) => process.nextTick(resolve));
    // The system has these connections by now, and this process has not accepted them.
    const closed = lb.listener.close(10_000);
    const clients = [kept, fresh, ...(await Promise.all(dialling))];
    for (const client of clients) client.send("GET / HTTP/1.1\r\nHost: a\r\nX-Last: yes\r\n\r\n");
    for (const client of clients) {
      expect(await client.closed).toBe("ended");
      expect(client.received).toMatch(/^connection: close\r$/im);
    }
    expect(lb.records).toHaveLength(clients.length + 1);
    await closed;
  });

  test("a new connection has longer for its first request than idle ones for another", async () => {
    const upstream = await during(httpUpstream((_, response) => void response.end("quick")));
    const lb = await during(liveBalancer(engine, [upstream]));
    const idle = await rawClient(lb.port);
    idle.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await idle.receives(/quick/);
    const fresh = await rawClient(lb.port);
    const closed = lb.listener.close(10_000);
    await idle.closed;
    fresh.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await fresh.receives(/quick/);
    expect(await fresh.closed).toBe("ended");
    await closed;
  });

  test("an answer that had begun before closing did is given whole", async () => {
    let respond: ServerResponse | undefined;
    const upstream = await during(
      httpUpstream((_, response) => {
        respond = response;
        response.write("begun");
      }),
    );
    const lb = await during(liveBalancer(engine, [upstream]));
    const busy = await rawClient(lb.port);
    busy.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    await busy.receives(/begun/);
    const closed = lb.listener.close(10_000);
    respond?.end(" ended");
    expect(await busy.closed).toBe("ended");
    expect(busy.received).toMatch(/ ended\r\n0\r\n\r\n$/);
    await closed;
  });

  test("what has not ended by the deadline is broken off", async () => {
    const upstream = await during(stalledUpstream());
    const lb = await during(liveBalancer(engine, [upstream]));
    const client = await rawClient(lb.port);
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await until(() => upstream.requests.length === 1, "the request to arrive");
    const patient = lb.listener.close(60_000);
    // Of two calls the earlier deadline counts; and once it is closed, it is closed.
    await lb.listener.close(30);
    await patient;
    await lb.listener.close(60_000);
    await client.closed;
    await lb.idle();
    await until(() => upstream.open === 0, "the upstream's connection to be closed");
  });

  test("requests beyond an upstream's limit wait in the queue, and those beyond it are 503 UO", async () => {
    const held: ServerResponse[] = [];
    const upstream = await during(httpUpstream((_, response) => void held.push(response)));
    const lb = await during(
      liveBalancer(engine, [upstream], {
        pool: {
          queue: { limit: 2, timeoutMs: 10_000 },
          upstreams: [{ name: "web-1", address: `127.0.0.1:${upstream.port}`, maxConnections: 1 }],
        },
      }),
    );
    const answers = [1, 2, 3].map((n) => ask(lb.port, `/${n}`));
    await until(() => lb.balancer.pools()[0]?.queueLength === 2, "the queue to fill");
    const refused = await ask(lb.port, "/4");
    expect(refused.status).toBe(503);
    expect(refused.headers["x-balancer-flag"]).toBe("UO");
    for (let n = 0; n < 3; n++) {
      await until(() => held.length === n + 1, `request ${n + 1} to arrive`);
      expect(upstream.open).toBeLessThanOrEqual(2);
      held[n]?.end("done");
    }
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200, 200]);
    await lb.idle();
  });

  test("a new configuration under kept connections loses no request", async () => {
    const upstreams = [await during(echoUpstream()), await during(echoUpstream())] as const;
    const lb = await during(liveBalancer(engine, [upstreams[0]]));
    const agent = keepAliveAgent(8);
    const enoughSeen = new AbortController();
    let answered = 0;
    const clients = Array.from({ length: 8 }, async () => {
      while (!enoughSeen.signal.aborted) {
        const body = `body ${answered}`;
        const answer = await ask(lb.port, "/", { agent, method: "POST", body });
        expect(answer.status).toBe(200);
        expect(answer.body.toString()).toBe(body);
        answered += 1;
      }
    });
    const { config } = lb.balancer;
    for (let version = 2; version <= 9; version++) {
      const enough = answered + 40;
      await until(() => answered >= enough, "requests under this version");
      const [only] = config.pools["web"]?.upstreams ?? [];
      const address = `127.0.0.1:${upstreams[version % 2]?.port}`;
      const web = { ...config.pools["web"], upstreams: [{ ...only, name: `web-${version % 2}`, address }] };
      lb.balancer.apply({ ...config, pools: { web } } as typeof config, version);
    }
    const enough = answered + 40;
    await until(() => answered >= enough, "requests under the last version");
    enoughSeen.abort();
    await Promise.all(clients);
    agent.destroy();
    for (const { requests } of upstreams) expect(requests.length).toBeGreaterThan(100);
    expect(lb.records.filter(({ flag }) => flag !== "-")).toEqual([]);
  });
});

test("a port that is taken is reported by its system code", async () => {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, "127.0.0.1", resolve));
  const { port } = holder.address() as AddressInfo;
  const listener = createListener(
    "public",
    { host: "127.0.0.1", port },
    { handle() {} },
    {
      clock: systemClock,
      log: silentLog,
      timeouts: { clientHeadMs: 1000, clientBodyMs: 1000, idleMs: 1000 },
      upgrades: [],
      newRequestId: () => "",
      onRejected() {},
    },
  );
  await expect(listener.listen()).rejects.toMatchObject({ code: "EADDRINUSE" });
  await new Promise((resolve) => holder.close(resolve));
});
