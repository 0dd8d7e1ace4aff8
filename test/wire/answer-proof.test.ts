import { createServer, request as httpRequest, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { startBackend } from "../../backends/backend.ts";
import { parseBackendConfig } from "../../backends/config.ts";
import { createRequester, type Judged } from "../../lab/probe/requester.ts";
import { createProving } from "../../lab/probe/proving.ts";
import { createSocketSend } from "../../lab/probe/socket.ts";
import { createRunKeys } from "../../lab/world/run-keys.ts";
import { ENGINES, type EngineName } from "../../lb/transport/engines.ts";
import { systemClock } from "../../runtime/clock.ts";
import { hmacSign } from "../../runtime/hmac-sign.ts";
import { keysOf, type Keys } from "../../runtime/keys.ts";
import { silentLog } from "../../runtime/log.ts";
import { seeded } from "../../runtime/random.ts";
import { freeBase } from "../support/live-lab.ts";
import { liveBalancer } from "../support/live-balancer.ts";

const keys = keysOf(createRunKeys(), hmacSign);
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function backend(given: Keys = keys): Promise<{ readonly port: number }> {
  const config = parseBackendConfig({
    name: "web-1",
    role: "web",
    port: await freeBase(),
    version: "1",
    seed: 1,
    capacity: { slots: 8, serviceMs: 1, queueLimit: 8 },
  });
  const started = await startBackend(config, {
    clock: systemClock,
    random: seeded(1),
    log: silentLog,
    keys: given,
    crash: () => {},
  });
  closing.push(() => started.close(0));
  return started;
}

async function balancer(
  engine: EngineName,
  port: number,
  { signWay = keys.way, route }: { signWay?: Keys["way"]; route?: object } = {},
) {
  const made = await liveBalancer(engine, [{ port }], {
    ...(signWay && { signWay }),
    ...(route && { route }),
  });
  closing.push(() => made.close());
  return made;
}

/** A foreign process. */
async function program(listener: RequestListener): Promise<{ readonly port: number }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return { port: (server.address() as AddressInfo).port };
}

/** Passes everything on to a port, both ways and unchanged. */
const relayTo =
  (port: () => number): RequestListener =>
  (request, response) => {
    const { method, url: path, headers } = request;
    const onward = httpRequest(
      { host: "127.0.0.1", port: port(), method, path, headers, agent: false },
      (answer) => {
        response.writeHead(answer.statusCode ?? 0, answer.rawHeaders);
        answer.pipe(response);
      },
    );
    onward.on("error", () => response.destroy());
    request.pipe(onward);
  };

/** The prober's result of a page requested at `port`, the service's port for its users. */
function ask(port: number, listener = port): Promise<Judged> {
  const requester = createRequester({
    clock: systemClock,
    random: seeded(1),
    send: createSocketSend({ service: `http://127.0.0.1:${port}` }),
    proving: createProving({ target: `http://127.0.0.1:${listener}` }, keys),
  });
  return new Promise((resolve) =>
    requester.request(
      {
        route: "page",
        userName: "u",
        timeoutMs: 5000,
        to: "service",
        method: "GET",
        path: "/basket?x=1",
        cookie: "user=u",
        body: undefined,
      },
      resolve,
    ),
  );
}

const UNPROVED = { result: "unproved", status: 200, backend: undefined };
/** The bench's balancers are configured to listen on any free port. */
const ANY_PORT = 0;

describe.each(ENGINES)("over %s", (engine) => {
  it("an answer of a backend through the balancer is proved", async () => {
    const { port } = await balancer(engine, (await backend()).port);
    expect(await ask(port, ANY_PORT)).toMatchObject({ result: "ok", backend: "web-1" });
  });

  it("no rule of a route touches what proves it, and a client's own proof fields are not passed on", async () => {
    const { port } = await balancer(engine, (await backend()).port, {
      route: { headers: { response: { remove: ["server"], set: { "x-added": "1" } } } },
    });
    expect(await ask(port, ANY_PORT)).toMatchObject({ result: "ok" });
    const heads: string[] = [];
    const echo = await program((request, response) => {
      heads.push(JSON.stringify(request.headers));
      response.setHeader("x-balancer-way", "forged");
      response.end("{}");
    });
    const other = await balancer(engine, echo.port);
    const answer = await fetch(`http://127.0.0.1:${other.port}/`, {
      headers: { "x-balancer-way": "claimed", "x-nonce": "n" },
    });
    expect(answer.headers.get("x-balancer-way")).toMatch(/^127\.0\.0\.1:\d+ 127\.0\.0\.1:0 \S+$/);
    expect(heads.join()).not.toContain("claimed");
    const plain = await fetch(`http://127.0.0.1:${other.port}/`);
    expect(plain.headers.has("x-balancer-way")).toBe(false);
  });

  it("a relay in place of an upstream, to the real backend, proves nothing", async () => {
    const { port } = await backend();
    const relay = await program(relayTo(() => port));
    const { port: listener } = await balancer(engine, relay.port);
    expect(await ask(listener, ANY_PORT)).toMatchObject(UNPROVED);
  });

  it("nor does one that calls the balancer again", async () => {
    const real = await balancer(engine, (await backend()).port);
    const relay = await program(relayTo(() => real.port));
    const { port: listener } = await balancer(engine, relay.port);
    expect(await ask(listener, ANY_PORT)).toMatchObject(UNPROVED);
  });

  it("a balancer without the run's key proves nothing", async () => {
    const { port } = await balancer(engine, (await backend()).port, { signWay: hmacSign("another") });
    expect(await ask(port, ANY_PORT)).toMatchObject(UNPROVED);
  });
});

it("a relay past the balancer proves nothing", async () => {
  const { port } = await backend();
  const relay = await program(relayTo(() => port));
  expect(await ask(relay.port)).toMatchObject(UNPROVED);
});

it("a relay in front of a balancer that listens elsewhere proves nothing", async () => {
  const { port } = await balancer("sockets", (await backend()).port);
  const relay = await program(relayTo(() => port));
  expect(await ask(relay.port)).toMatchObject(UNPROVED);
});

it("a backend that was started by hand, without the key, proves nothing", async () => {
  const { port } = await balancer("sockets", (await backend({})).port);
  expect(await ask(port, ANY_PORT)).toMatchObject(UNPROVED);
});

it("an echo of the nonce proves nothing, nor does a kept answer that is given again", async () => {
  const { port } = await balancer("sockets", (await backend()).port);
  const kept = await fetch(`http://127.0.0.1:${port}/basket?x=1`, { headers: { "x-nonce": "n-1" } });
  const text = await kept.text();
  const fake = await program((request, response) => {
    for (const name of ["x-origin-proof", "x-balancer-way"])
      response.setHeader(name, kept.headers.get(name) ?? "");
    response.end(text.replace("n-1", String(request.headers["x-nonce"])));
  });
  expect(kept.headers.get("x-origin-proof")).toMatch(/^127\.0\.0\.1:\d+ \S{43}$/);
  expect(await ask(fake.port, ANY_PORT)).toMatchObject(UNPROVED);
});
