import { describe, expect, test } from "vitest";
import { rawClient } from "../support/clients.ts";
import { during } from "../support/cleanup.ts";
import { ENGINES } from "../../lb/transport/engines.ts";
import { liveBalancer } from "../support/live-balancer.ts";
import { answeringUpstream, rawUpstream, stalledUpstream } from "../support/upstreams.ts";

const CHUNKED = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

describe.each(ENGINES)("a client's body over %s", (engine) => {
  test.each([
    ["a size that is none", "4\r\nwiki\r\nxyz\r\n"],
    ["more bytes than its size", "4\r\nwikipedia\r\n"],
    ["a field of nonsense behind it", "0\r\nbad trailer\r\n\r\n"],
  ])(
    "that cannot be read for %s is answered with 400 and not for one who left (RFC 9112, 7.1)",
    async (_what, body) => {
      const upstream = await during(stalledUpstream());
      const lb = await during(liveBalancer(engine, [upstream]));
      const client = await rawClient(lb.port);
      client.send(CHUNKED + body);
      expect(await client.receives(/400 Bad Request/)).toMatch(/^x-balancer-flag: DR\r$/im);
      await client.closed;
      expect(client.received.match(/HTTP\/1.1/g)).toHaveLength(1);
      expect(await lb.record(1)).toMatchObject({ status: 400, flag: "DR", state: "PR", origin: "balancer" });
      await lb.idle();
      expect(lb.records).toHaveLength(1);
      // Not the upstream's fault.
      expect(lb.balancer.pools()[0]?.upstreams[0]).toMatchObject({ failures: 0, inFlight: 0 });
    },
  );

  test("that cannot be read once its answer has begun ends the connection", async () => {
    const upstream = await during(
      rawUpstream((socket) => void socket.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")),
    );
    const lb = await during(liveBalancer(engine, [upstream]));
    const client = await rawClient(lb.port);
    client.send(`${CHUNKED}4\r\nwiki\r\n`);
    await client.receives(/half/);
    client.send("xyz\r\n");
    await client.closed;
    expect(client.received).not.toContain("400");
    expect(await lb.record(1)).toMatchObject({ status: 200, flag: "DC" });
    await lb.idle();
  });

  test("that stops arriving is answered with 408, and is not the upstream's fault", async () => {
    const upstream = await during(stalledUpstream());
    const lb = await during(liveBalancer(engine, [upstream], { timeouts: { responseMs: 150 } }));
    const client = await rawClient(lb.port);
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf");
    expect(await client.receives(/408 Request Timeout/)).toMatch(/^connection: close\r$/im);
    await client.closed;
    expect(await lb.record(1)).toMatchObject({ status: 408, flag: "DR", state: "cH", origin: "balancer" });
    await lb.idle();
    expect(lb.balancer.pools()[0]?.upstreams[0]).toMatchObject({ failures: 0, inFlight: 0 });
  });

  test("that trickles without end is answered with 408, and is not the upstream's fault", async () => {
    const upstream = await during(stalledUpstream());
    const lb = await during(liveBalancer(engine, [upstream], { timeouts: { clientBodyMs: 600 } }));
    const client = await rawClient(lb.port);
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
    const drip = setInterval(() => client.send("x"), 50);
    expect(await client.receives(/408 Request Timeout/)).toMatch(/^connection: close\r$/im);
    clearInterval(drip);
    await client.closed;
    expect(await lb.record(1)).toMatchObject({ status: 408, flag: "DR", state: "cH", origin: "balancer" });
    await lb.idle();
    expect(lb.balancer.pools()[0]?.upstreams[0]).toMatchObject({ failures: 0, inFlight: 0 });
  });

  test("that trickles without end under an answer that has begun has that cut", async () => {
    const upstream = await during(
      rawUpstream((socket) => void socket.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")),
    );
    const lb = await during(liveBalancer(engine, [upstream], { timeouts: { clientBodyMs: 600 } }));
    const client = await rawClient(lb.port);
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
    const drip = setInterval(() => client.send("x"), 50);
    await client.receives(/half/);
    await client.closed;
    clearInterval(drip);
    expect(client.received).not.toContain("408");
    expect(await lb.record(1)).toMatchObject({ status: 200, flag: "DR", state: "cD", origin: "upstream" });
    await lb.idle();
  });

  test("that an upstream does not take is not its client's fault", async () => {
    const upstream = await during(rawUpstream((socket) => void socket.pause()));
    const lb = await during(
      liveBalancer(engine, [upstream], { timeouts: { clientBodyMs: 300, responseMs: 1500 } }),
    );
    const client = await rawClient(lb.port);
    const length = 64 * 1024 * 1024;
    client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n${"x".repeat(length)}`);
    expect(await lb.record(1)).toMatchObject({ status: 504, flag: "UT" });
    client.socket.destroy();
  });

  test("that has arrived leaves the upstream to be waited for, and to be blamed", async () => {
    const upstream = await during(stalledUpstream());
    const lb = await during(liveBalancer(engine, [upstream], { timeouts: { responseMs: 150 } }));
    const client = await rawClient(lb.port);
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nfull");
    await client.receives(/504 Gateway Timeout/);
    expect(await lb.record(1)).toMatchObject({ status: 504, flag: "UT", state: "sH" });
    client.socket.destroy();
  });

  test("is followed on its connection by the next request, and its client is known by its port", async () => {
    const upstream = await during(answeringUpstream(OK));
    const lb = await during(liveBalancer(engine, [upstream]));
    const client = await rawClient(lb.port);
    client.send(`${CHUNKED}4\r\nwiki\r\n0\r\n\r\n`);
    await client.receives(/ok$/);
    client.send(`${CHUNKED}4\r\nwiki\r\n0\r\n\r\n`);
    await client.receives(/ok[^]*ok$/);
    expect(await lb.record(1)).toMatchObject({ status: 200, peerPort: client.socket.localPort });
    client.socket.destroy();
  });
});
