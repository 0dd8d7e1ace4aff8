import { describe, expect, test } from "vitest";
import { ask, rawClient } from "../support/clients.ts";
import { during } from "../support/cleanup.ts";
import { ENGINES } from "../../lb/transport/engines.ts";
import { liveBalancer } from "../support/live-balancer.ts";
import { answeringUpstream, rawUpstream } from "../support/upstreams.ts";

const route = {
  headers: {
    request: {
      remove: ["Authorization"],
      set: { Host: "inside.test", "X-Team": "shop" },
      add: { "X-Trace": "2" },
    },
    response: { remove: ["X-Powered-By"], set: { Server: "shop" }, add: { "Cache-Control": "no-transform" } },
  },
};

describe.each(ENGINES)("a route's header rules over %s", (engine) => {
  test("hold for what the upstream gets and for what the client gets", async () => {
    const upstream = await during(
      answeringUpstream(
        "HTTP/1.1 200 OK\r\nX-Powered-By: x\r\nServer: y\r\nserver: z\r\nCache-Control: private\r\nContent-Length: 2\r\n\r\nok",
      ),
    );
    const lb = await during(liveBalancer(engine, [upstream], { route }));
    const headers = { host: "shop.test", authorization: "secret", "X-Team": "theirs", "x-trace": "1" };
    const answer = await ask(lb.port, "/", { headers });
    const head = upstream.requests[0] ?? "";
    expect(head.match(/^host:.*$/gim)).toEqual([expect.stringMatching(/^host: inside.test$/i)]);
    expect(head.match(/^x-team:.*$/gim)).toEqual(["X-Team: shop"]);
    expect(head).toMatch(/^x-trace: 1$[^]*^x-trace: 2$/im);
    expect(head).not.toMatch(/authorization/i);
    expect(head).toMatch(/^x-forwarded-host: shop.test$/im);
    expect(answer.headers["x-powered-by"]).toBeUndefined();
    expect(answer.headers["server"]).toBe("shop");
    expect(answer.headers["cache-control"]).toBe("private, no-transform");
  });

  test("hold for a connection that is upgraded, too", async () => {
    const upstream = await during(
      rawUpstream((socket) => {
        socket.write("HTTP/1.1 101 Go\r\nConnection: Upgrade\r\nUpgrade: echo\r\nX-Powered-By: x\r\n\r\n");
        socket.removeAllListeners("data");
        socket.pipe(socket);
      }),
    );
    const lb = await during(liveBalancer(engine, [upstream], { route, listener: { upgrades: ["echo"] } }));
    const client = await rawClient(lb.port);
    client.send(
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\nAuthorization: secret\r\n\r\nhello",
    );
    const received = await client.receives(/hello$/);
    expect(received).toMatch(/^HTTP\/1.1 101 [^]*^Server: shop\r$/m);
    expect(received).not.toMatch(/powered/i);
    expect(upstream.requests[0]).toMatch(/^host: inside.test$/im);
    expect(upstream.requests[0]).not.toMatch(/authorization/i);
    client.socket.destroy();
  });

  test("leave the answers of the balancer's own as they are", async () => {
    const lb = await during(liveBalancer(engine, [{ port: 1 }], { route, pool: { retry: { attempts: 0 } } }));
    const answer = await ask(lb.port, "/");
    expect(answer.status).toBe(502);
    expect(answer.headers).toMatchObject({ server: "lblab", "x-balancer-flag": "UF" });
    expect(answer.headers["cache-control"]).toBeUndefined();
  });

  test("a request's trailers are dropped, and never become header fields", async () => {
    const upstream = await during(answeringUpstream("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
    const lb = await during(liveBalancer(engine, [upstream]));
    const client = await rawClient(lb.port);
    client.send(
      "POST / HTTP/1.1\r\nHost: a\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-Sum: 7\r\n\r\n",
    );
    await client.receives(/ok$/);
    expect(upstream.requests.join("\n")).not.toMatch(/x-sum/i);
    client.socket.destroy();
  });
});
