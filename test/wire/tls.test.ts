import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request as httpsRequest } from "node:https";
import { connect as connectPlain, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type ConnectionOptions } from "node:tls";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { ConfigRefused } from "../../lb/config/refused.ts";
import { startBalancer, type RunningBalancer } from "../../lb/process.ts";
import { systemClock } from "../../runtime/clock.ts";
import { silentLog } from "../../runtime/log.ts";
import { seeded } from "../../runtime/random.ts";
import { certificateFor, type TestCertificate } from "../support/certificates.ts";
import { ask, rawClient } from "../support/clients.ts";
import { until } from "../support/until.ts";
import { endingUpstream, httpUpstream, type TestUpstream } from "../support/upstreams.ts";

let shop: TestCertificate;
let shopAnew: TestCertificate;
let wild: TestCertificate;
let locked: TestCertificate;
beforeAll(async () => {
  shop = await certificateFor(["shop.test"]);
  shopAnew = await certificateFor(["shop.test", "anew.test"]);
  wild = await certificateFor(["*.api.test"], { days: 10 });
  locked = await certificateFor(["shop.test"], { passphrase: "secret" });
});

let directory: string;
let upstream: TestUpstream;
let balancer: RunningBalancer | undefined;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "tls-"));
  upstream = await httpUpstream((request, response) =>
    response.end(JSON.stringify({ proto: request.headers["x-forwarded-proto"], url: request.url })),
  );
  write("shop", shop);
  write("wild", wild);
});
afterEach(async () => {
  await balancer?.stop(0);
  balancer = undefined;
  await upstream.close();
  rmSync(directory, { recursive: true, force: true });
});

function write(name: string, { cert, key }: TestCertificate): void {
  writeFileSync(join(directory, `${name}.crt`), cert);
  writeFileSync(join(directory, `${name}.key`), key, { mode: 0o600 });
}

const DEFAULT_TLS = "{ cert: shop.crt, key: shop.key, others: [{ cert: wild.crt, key: wild.key }] }";

function configure({ tls = DEFAULT_TLS, bind = "127.0.0.1:0" } = {}): void {
  writeFileSync(
    join(directory, "lb.yaml"),
    `listeners:
  - name: public
    bind: "${bind}"
    routes: [{ path: /, pool: web }]
${tls === "" ? "" : `    tls: ${tls}\n`}pools:
  web:
    policy: { type: round-robin }
    upstreams: [{ name: web-1, address: "127.0.0.1:${upstream.port}" }]
admin: { bind: "127.0.0.1:0" }
`,
  );
}

async function start(): Promise<RunningBalancer> {
  balancer = await startBalancer(
    { configPath: join(directory, "lb.yaml") },
    { clock: systemClock, random: seeded(1), log: silentLog },
  );
  return balancer;
}

const portOf = (running: RunningBalancer) => running.ports()["public"] ?? 0;

/** A handshake, and the names of the certificate that was shown. */
function shown(port: number, options: ConnectionOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false, ...options });
    socket.on("error", reject);
    socket.on("secureConnect", () => {
      resolve(socket.getPeerCertificate().subjectaltname ?? "");
      socket.destroy();
    });
  });
}

function get(port: number, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      { port, host: "127.0.0.1", servername: "shop.test", agent, rejectUnauthorized: false, path: "/x" },
      (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => (text += chunk.toString()));
        response.on("end", () => resolve(text));
        response.on("error", reject);
      },
    );
    request.on("error", reject);
    request.end();
  });
}

describe("a listener with TLS", () => {
  it("takes requests over TLS and forwards them with X-Forwarded-Proto: https", async () => {
    configure();
    const agent = new Agent();
    expect(await get(portOf(await start()), agent)).toBe('{"proto":"https","url":"/x"}');
  });

  it("shows the certificate for the name in SNI, and its first one otherwise", async () => {
    configure();
    const port = portOf(await start());
    expect(await shown(port, { servername: "eu.api.test" })).toBe("DNS:*.api.test");
    expect(await shown(port, { servername: "shop.test" })).toBe("DNS:shop.test");
    expect(await shown(port, { servername: "unknown.test" })).toBe("DNS:shop.test");
    expect(await shown(port)).toBe("DNS:shop.test");
  });

  it("negotiates HTTP/1.1 and nothing else", async () => {
    configure();
    const port = portOf(await start());
    await expect(shown(port, { ALPNProtocols: ["h2"] })).rejects.toThrow(/no application protocol|alert/i);
  });

  it("refuses versions of TLS below its minimum", async () => {
    configure({ tls: "{ cert: shop.crt, key: shop.key, minVersion: TLSv1.3 }" });
    const port = portOf(await start());
    await expect(shown(port, { maxVersion: "TLSv1.2" })).rejects.toThrow(/alert|version/i);
    expect(await shown(port)).toBe("DNS:shop.test");
  });

  it.each(["GET", "HEAD", "OPTIONS", "PROPFIND"])(
    "answers %s without TLS in plain words, and counts it",
    async (method) => {
      configure();
      const running = await start();
      const client = await rawClient(portOf(running));
      client.send(`${method} / HTTP/1.1\r\nHost: shop.test\r\nX: ${"x".repeat(5000)}\r\n\r\n`);
      await client.closed;
      expect(client.received).toMatch(
        /^HTTP\/1\.1 400 Bad Request\r\n[^]*\r\n\r\n400 [^\r]* expects TLS[^\r]*\n$/,
      );
      expect(client.received).toMatch(/^x-balancer-flag: DR\r$/m);
      const metrics = await ask(running.adminPort, "/metrics");
      expect(metrics.body.toString()).toContain('lb_http_requests_failed_total{reason="plain-on-tls"} 1');
      expect(await shown(portOf(running))).toBe("DNS:shop.test");
    },
  );

  it("passes WebSockets", async () => {
    const sockets = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    sockets.on("connection", (socket) => socket.on("message", (data) => socket.send(data)));
    await until(() => sockets.address(), "the WebSocket server");
    const plain = upstream;
    upstream = { ...plain, port: (sockets.address() as AddressInfo).port };
    configure();
    const client = new WebSocket(`wss://127.0.0.1:${portOf(await start())}/`, { rejectUnauthorized: false });
    const message = new Promise<string>((resolve, reject) => {
      client.on("message", (data: Buffer) => resolve(data.toString()));
      client.on("error", reject);
      client.on("open", () => client.send("hello"));
    });
    expect(await message).toBe("hello");
    client.terminate();
    sockets.close();
    await plain.close();
  });

  it("breaks off an answer of HTTP/1.0 that its upstream broke off, and serves on", async () => {
    const plain = upstream;
    upstream = await endingUpstream("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
    configure();
    const port = portOf(await start());
    const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
    let text = "";
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => (text += chunk.toString()));
    socket.on("secureConnect", () => socket.write("GET / HTTP/1.0\r\nHost: a\r\n\r\n"));
    await new Promise<void>((resolve) => socket.on("close", () => resolve()));
    expect(text).toMatch(/^HTTP\/1.1 200/);
    expect(await shown(port)).toBe("DNS:shop.test");
    await plain.close();
  });

  it("survives clients that send no TLS or stop in their handshake, and closes with them", async () => {
    configure();
    const running = await start();
    const port = portOf(running);
    const garbage = await rawClient(port);
    garbage.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await garbage.closed;
    expect(garbage.received).not.toContain("HTTP/1.1 200");
    const silent = connectPlain(port, "127.0.0.1");
    silent.on("error", () => {});
    await until(() => silent.readyState === "open", "a connection");
    silent.write(Buffer.from([0x16, 0x03, 0x01]));
    expect(await shown(port)).toBe("DNS:shop.test");
    // With the client still in its handshake.
    await running.stop(10_000);
    silent.destroy();
  });

  it("reports when its first certificate expires", async () => {
    configure();
    const running = await start();
    const metrics = (await ask(running.adminPort, "/metrics")).body.toString();
    const [, seconds] =
      /^lb_tls_certificate_expiry_timestamp_seconds\{listener="public"\} (\d+)$/m.exec(metrics) ?? [];
    const days = (Number(seconds) - Date.now() / 1000) / 86_400;
    expect(days).toBeGreaterThan(9.9);
    expect(days).toBeLessThan(10.1);
    const page = (await ask(running.adminPort, "/stats")).body.toString();
    expect(page).toContain(
      `The certificate of public is valid until ${new Date(Number(seconds) * 1000).toISOString()}`,
    );
    configure({ tls: "{ cert: shop.crt, key: shop.key }" });
    await running.reload();
    expect((await ask(running.adminPort, "/metrics")).body.toString()).not.toContain(`} ${seconds}`);
  });
});

describe("certificates that are replaced", () => {
  it("are shown after a reload, without a request lost and with connections kept", async () => {
    configure();
    const running = await start();
    const port = portOf(running);
    const kept = new Agent({ keepAlive: true, maxSockets: 1 });
    expect(await get(port, kept)).toContain("/x");
    const over = new AbortController();
    let answers = 0;
    const traffic = [kept, new Agent()].map(async (agent) => {
      while (!over.signal.aborted) {
        expect(await get(port, agent)).toContain("/x");
        answers += 1;
      }
    });
    write("shop", shopAnew);
    expect(await running.reload()).toBe(true);
    expect(await shown(port, { servername: "shop.test" })).toBe("DNS:shop.test, DNS:anew.test");
    expect(await shown(port)).toBe("DNS:shop.test, DNS:anew.test");
    for (let i = 0; i < 10; i++) expect(await running.reload()).toBe(true);
    const before = answers;
    await until(() => answers > before + 10, "traffic to go on");
    over.abort();
    await Promise.all(traffic);
    kept.destroy();
    expect(running.version).toBe(1);
  });

  it("leave the old ones in force when they are invalid", async () => {
    configure();
    const running = await start();
    const port = portOf(running);
    writeFileSync(join(directory, "shop.key"), shopAnew.key);
    expect(await running.reload()).toBe(false);
    expect(await shown(port)).toBe("DNS:shop.test");
    rmSync(join(directory, "shop.crt"));
    expect(await running.reload()).toBe(false);
    expect(await shown(port)).toBe("DNS:shop.test");
    write("shop", shopAnew);
    expect(await running.reload()).toBe(true);
    expect(await shown(port)).toBe("DNS:shop.test, DNS:anew.test");
  });
});

describe("invalid files are refused where the configuration names them", () => {
  it.each([
    [
      "a certificate that is not there",
      "{ cert: no.crt, key: shop.key }",
      "5:18",
      "tls.cert: cannot be read",
    ],
    ["a key that is not there", "{ cert: shop.crt, key: no.key }", "5:33", "tls.key: cannot be read"],
    ["no certificate", "{ cert: shop.key, key: shop.key }", "5:18", "tls.cert: holds no certificate in PEM"],
    ["a broken certificate", "{ cert: junk.crt, key: shop.key }", "5:18", "tls.cert: holds no valid certif"],
    ["no key", "{ cert: shop.crt, key: shop.crt }", "5:33", "tls.key: holds no private key"],
    ["a locked key", "{ cert: shop.crt, key: locked.key }", "5:33", "tls.key: holds no private key"],
    ["another certificate's key", "{ cert: shop.crt, key: wild.key }", "5:33", "tls.key: is not the key of"],
    [
      "another key further down",
      "{ cert: shop.crt, key: shop.key, others: [{ cert: wild.crt, key: shop.key }] }",
      "5:75",
      "tls.others[0].key: is not the key of",
    ],
  ])("%s", async (_what, tls, place, message) => {
    writeFileSync(
      join(directory, "junk.crt"),
      "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    );
    write("locked", locked);
    configure({ tls });
    const refused = await start().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ConfigRefused);
    expect((refused as ConfigRefused).message).toContain(`lb.yaml:${place}: listeners[0].${message}`);
  });
});

it("an address is not turned from plain HTTP to TLS while it serves, and the fault names the place", async () => {
  const holder = createServer().listen(0, "127.0.0.1");
  await until(() => holder.listening, "a free port");
  const bind = `127.0.0.1:${(holder.address() as AddressInfo).port}`;
  await new Promise((resolve) => holder.close(resolve));
  configure({ tls: "", bind });
  const running = await start();
  configure({ bind });
  expect(await running.reload()).toBe(false);
  expect((await ask(portOf(running), "/")).status).toBe(200);
});
