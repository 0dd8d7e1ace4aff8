import { createServer, type RequestListener } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { startBackend } from "../../backends/backend.ts";
import { parseBackendConfig, type BackendConfig } from "../../backends/config.ts";
import { systemClock } from "../../runtime/clock.ts";
import { silentLog } from "../../runtime/log.ts";
import type { Keys } from "../../runtime/keys.ts";
import { seeded } from "../../runtime/random.ts";
import { until } from "../support/until.ts";

const QUICK = { slots: 8, serviceMs: 1, queueLimit: 8 };
/** One request is under way for as long as the test lasts, and none may wait. */
const FULL = { slots: 1, serviceMs: 3_600_000, sigma: 0, queueLimit: 0 };

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

type Some = Partial<BackendConfig> & Pick<BackendConfig, "role">;

/** A backend on a port of its own; `url` is where it is. */
async function start(some: Some, crash = () => {}, keys: Keys = {}) {
  const config = parseBackendConfig({
    name: `${some.role}-1`,
    port: 0,
    version: "1.2.3",
    seed: 1,
    capacity: QUICK,
    ...some,
  });
  const backend = await startBackend(config, {
    clock: systemClock,
    random: seeded(1),
    log: silentLog,
    keys,
    crash,
  });
  const close = () => backend.close(0);
  cleanUps.push(close);
  return { url: `http://127.0.0.1:${backend.port}`, close };
}

/** Another server, that answers as the test says. */
async function other(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUps.push(() => (server.closeAllConnections(), server.close()));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An address where nothing listens. */
async function deadAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

async function get(url: string, headers: Record<string, string> = {}, init: RequestInit = {}) {
  const answer = await fetch(url, { headers, ...init });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

async function getJson(url: string, headers: Record<string, string> = {}, init: RequestInit = {}) {
  const answer = await get(url, headers, init);
  return { ...answer, json: JSON.parse(answer.text) as Record<string, unknown> };
}

const login = (url: string, body: unknown) =>
  getJson(
    `${url}/login`,
    { "content-type": "application/json" },
    { method: "POST", body: JSON.stringify(body) },
  );

/** One sample of a backend's metrics. */
async function sample(url: string, metric: string): Promise<number> {
  const { text } = await get(`${url}/metrics`);
  return Number(
    text
      .split("\n")
      .find((line) => line.startsWith(`${metric}{`))
      ?.split(" ")
      .at(-1),
  );
}

/** Sends a request that will be under way until the test ends, and waits until it is. */
async function occupy(url: string): Promise<void> {
  const leave = new AbortController();
  cleanUps.push(() => leave.abort());
  fetch(url, { signal: leave.signal }).catch(() => {});
  await until(async () => (await sample(url, "backend_in_flight")) === 1, "the request to be in service");
}

test("a page names its backend and version, and carries the nonce back", async () => {
  const { url: database } = await start({ role: "database" });
  const web = await start({ role: "web", calls: { database } });
  const page = await getJson(`${web.url}/products/42?x=1`, { "x-nonce": "n-1" });
  expect(page.status).toBe(200);
  expect(page.json).toMatchObject({ backend: "web-1", role: "web", version: "1.2.3", nonce: "n-1" });
  expect(page.headers.get("server")).toBe("web/1.2.3");
  expect((await getJson(web.url)).json["nonce"]).toBeNull();
});

test("a page that is in the cache needs no query, one that is not needs one each time until it is", async () => {
  let queries = 0;
  const database = await other((_request, response) => {
    queries += 1;
    response.writeHead(queries === 1 ? 503 : 200, { "content-type": "application/json" }).end("{}");
  });
  const { url } = await start({ role: "web", calls: { database }, cache: { pages: 10 } });
  expect((await getJson(`${url}/products/1`)).status).toBe(502);
  for (let i = 0; i < 3; i++)
    expect((await getJson(`${url}/products/1`, { "x-nonce": `n-${i}` })).json).toMatchObject({
      nonce: `n-${i}`,
      page: "/products/1",
    });
  expect(queries).toBe(2);
  const filled = await fetch(`${url}/cache`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ prefix: "/products/", count: 5 }),
  });
  expect(await filled.json()).toMatchObject({ cached: 5 });
  expect((await getJson(`${url}/products/4`)).status).toBe(200);
  expect(queries).toBe(2);
});

test("a 404 names its backend, too", async () => {
  const { url } = await start({ role: "database" });
  const answer = await getJson(`${url}/nowhere`, { "x-nonce": "n-2" });
  expect(answer.status).toBe(404);
  expect(answer.json).toMatchObject({ backend: "database-1", nonce: "n-2" });
  expect(answer.headers.get("server")).toBe("database/1.2.3");
});

test("with its queue full a backend refuses with its own 503 and still passes its health check", async () => {
  const { url } = await start({ role: "web", capacity: FULL });
  await occupy(url);
  const refused = await getJson(url, { "x-nonce": "n-3" });
  expect(refused.status).toBe(503);
  expect(refused.json).toMatchObject({ backend: "web-1", nonce: "n-3", error: "queue full" });
  const health = await getJson(`${url}/healthz`);
  expect([health.status, health.json["status"]]).toEqual([200, "ok"]);
});

test("a backend counts its answers and shows its slots and its queue, by name and role", async () => {
  const { url } = await start({ role: "web", capacity: { ...FULL, slots: 2, queueLimit: 1 } });
  await occupy(url);
  const { text } = await get(`${url}/metrics`);
  expect(text).toContain('backend_in_flight{backend="web-1",role="web"} 1');
  expect(text).toContain('backend_queue_length{backend="web-1",role="web"} 0');
  expect(text).toContain('backend_saturation_ratio{backend="web-1",role="web"} 0.5');
  const quick = await start({ role: "web" });
  await get(quick.url);
  await get(quick.url);
  expect((await get(`${quick.url}/metrics`)).text).toContain(
    'backend_requests_total{code="200",backend="web-1",role="web"} 2',
  );
});

test("a waiting client that leaves frees its place", async () => {
  const { url } = await start({ role: "web", capacity: { ...FULL, queueLimit: 1 } });
  await occupy(url);
  const leave = new AbortController();
  const left = fetch(url, { signal: leave.signal }).catch(() => "left");
  await until(async () => (await sample(url, "backend_queue_length")) === 1, "the second to wait");
  leave.abort();
  expect(await left).toBe("left");
  await until(async () => (await sample(url, "backend_queue_length")) === 0, "its place to be free");
  expect(await sample(url, "backend_in_flight")).toBe(1);
});

test("a page waits for its database, and its slot with it", async () => {
  let answerQuery: (() => void) | undefined;
  const database = await other((_request, response) => (answerQuery = () => response.end("{}")));
  const web = await start({
    role: "web",
    capacity: { ...QUICK, slots: 1, queueLimit: 0 },
    calls: { database },
  });
  const page = get(web.url);
  const query = await until(() => answerQuery, "the query to reach the database");
  expect((await get(web.url)).status).toBe(503);
  query();
  expect((await page).status).toBe(200);
});

test("a page without its database is a 502 with the reason", async () => {
  const broken = await other((_request, response) => response.writeHead(500).end());
  const silent = await other(() => {});
  const cutting = await other((request) => request.socket.destroy());
  for (const [database, reason] of [
    [await deadAddress(), /ECONNREFUSED/],
    [broken, /answered 500/],
    [silent, /no answer in 50 ms/],
    [cutting, /socket hang up/],
  ] as const) {
    const web = await start({ role: "web", calls: { database }, timeoutMs: 50 });
    const page = await getJson(web.url, { "x-nonce": "n-4" });
    expect(page.status).toBe(502);
    expect(page.json).toMatchObject({ backend: "web-1", nonce: "n-4", error: expect.stringMatching(reason) });
  }
});

test("a query to a database that closed a kept connection is sent again on a new one", async () => {
  let requests = 0;
  const database = await other((request, response) => {
    // The second request finds its connection closed under it, as after a restart.
    if (++requests === 2) request.socket.resetAndDestroy();
    else response.end("{}");
  });
  const web = await start({ role: "web", calls: { database } });
  expect((await get(web.url)).status).toBe(200);
  expect((await get(web.url)).status).toBe(200);
  expect(requests).toBe(3);
});

test("a query's duration is in the database's metrics", async () => {
  const { url } = await start({ role: "database" });
  expect((await get(`${url}/query`)).status).toBe(200);
  expect(await sample(url, "database_query_duration_seconds_count")).toBe(1);
});

test("a sign-in can be read back through any web server that calls the auth server", async () => {
  const auth = await start({ role: "auth", name: "auth.eu-1" });
  const web = await start({ role: "web", calls: { auth: { "auth.eu-1": auth.url } } });
  const signedIn = await login(auth.url, { user: "guest-7" });
  expect(signedIn.status).toBe(200);
  expect(signedIn.json).toMatchObject({
    user: "guest-7",
    session: expect.stringMatching(/^auth\.eu-1\.\w+$/),
  });
  const session = String(signedIn.json["session"]);
  expect(signedIn.headers.get("set-cookie")).toBe(`session=${session}; Path=/; HttpOnly`);
  expect(await sample(auth.url, "backend_sessions")).toBe(1);

  const account = await getJson(`${web.url}/account`, {
    cookie: `user=x; session=${session}`,
    "x-nonce": "n",
  });
  expect(account.status).toBe(200);
  expect(account.json).toMatchObject({ user: "guest-7", nonce: "n", backend: "web-1" });
});

test("an account without a session that its auth server knows is a 401", async () => {
  const auth = await start({ role: "auth" });
  const web = await start({ role: "web", calls: { auth: { "auth-1": auth.url } } });
  const session = String((await login(auth.url, { user: "guest-7" })).json["session"]);
  const account = (cookie: string) => getJson(`${web.url}/account`, { cookie, "x-nonce": "n-5" });
  for (const cookie of ["", "session=", "session=auth-1.unknown", `session=auth-2.x`, `session=../x`]) {
    const { status, json } = await account(cookie);
    expect([cookie, status, json["nonce"], json["backend"]]).toEqual([cookie, 401, "n-5", "web-1"]);
  }
  await auth.close();
  expect((await account(`session=${session}`)).status).toBe(401);
});

test("sessions end with the process that has them in memory", async () => {
  const auth = await start({ role: "auth" });
  const session = String((await login(auth.url, { user: "guest-7" })).json["session"]);
  const token = session.slice(session.indexOf(".") + 1);
  expect((await get(`${auth.url}/session/${token}`)).status).toBe(200);
  await auth.close();
  const again = await start({ role: "auth" });
  expect((await get(`${again.url}/session/${token}`)).status).toBe(404);
});

test("looking up a session needs no slot; signing in does", async () => {
  const auth = await start({ role: "auth", capacity: { ...FULL, slots: 1 } });
  const signingIn = new AbortController();
  cleanUps.push(() => signingIn.abort());
  fetch(`${auth.url}/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"user":"guest-1"}',
    signal: signingIn.signal,
  }).catch(() => {});
  await until(async () => (await sample(auth.url, "backend_in_flight")) === 1, "the login to be in service");
  expect((await login(auth.url, { user: "guest-2" })).status).toBe(503);
  expect((await get(`${auth.url}/session/unknown`)).status).toBe(404);
});

test("a login without a user is refused as a bad request", async () => {
  const { url } = await start({ role: "auth" });
  for (const body of [{}, { user: 7 }, { user: "" }, null, []]) {
    const answer = await login(url, body);
    expect([answer.status, answer.json["backend"]]).toEqual([400, "auth-1"]);
  }
  const broken = await getJson(
    `${url}/login`,
    { "content-type": "application/json" },
    { method: "POST", body: "{" },
  );
  expect([broken.status, broken.json["backend"]]).toEqual([400, "auth-1"]);
});

test("the dependent API passes on the answer of a backend of the shop", async () => {
  const web = await start({ role: "web" });
  const api = await start({ role: "api", name: "partner-api", calls: { shop: web.url } });
  const orders = await getJson(`${api.url}/orders`, { "x-nonce": "n-6" });
  expect(orders.status).toBe(200);
  expect(orders.json).toMatchObject({ backend: "partner-api", nonce: "n-6", shop: { backend: "web-1" } });
});

test("the dependent API fails when the shop is away, fails, or is not the shop", async () => {
  const away = await deadAddress();
  const failing = await other((_request, response) => response.writeHead(500).end("{}"));
  const impostor = await other((_request, response) => response.end("<h1>hello</h1>"));
  for (const shop of [away, failing, impostor]) {
    const api = await start({ role: "api", calls: { shop } });
    const orders = await getJson(`${api.url}/orders`, { "x-nonce": "n-7" });
    expect([orders.status, orders.json["nonce"]]).toEqual([502, "n-7"]);
    expect(orders.json["error"]).toMatch(/^shop: /);
  }
});

test("another team's site without its database answers everything with its own error page", async () => {
  const database = await deadAddress();
  const site = await start({ role: "site", name: "kiosk", version: "2.3.1", calls: { database } });
  for (const [method, path, body] of [
    ["GET", "/", null],
    ["GET", "/account", null],
    ["POST", "/login", '{"user":"guest-1"}'],
  ] as const) {
    const headers: Record<string, string> = body === null ? {} : { "content-type": "application/json" };
    const answer = await get(site.url + path, headers, { method, body });
    expect(answer.status).toBe(500);
    expect(answer.headers.get("server")).toBe("kiosk/2.3.1");
    expect(answer.headers.get("content-type")).toMatch("text/html");
  }
});

test("another team's site with its database answers with its page", async () => {
  const { url: database } = await start({ role: "database" });
  const site = await start({ role: "site", name: "kiosk", calls: { database } });
  expect((await get(site.url)).status).toBe(200);
});

test("a backend promises no end of a kept connection, and closes on what is no request", async () => {
  const { url } = await start({ role: "web" });
  const { port } = new URL(url);
  const socket = connect(Number(port), "127.0.0.1");
  let received = "";
  socket.on("data", (chunk) => (received += chunk.toString()));
  socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  await until(() => received.includes("web-1"), "the answer");
  expect(received.toLowerCase()).toContain("connection: keep-alive");
  expect(received.toLowerCase()).not.toContain("timeout");
  const before = received;
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.write("nonsense\r\n\r\n");
  await closed;
  expect(received).toBe(before);
});

test("a backend that must refuse too much for too long runs out of workers", async () => {
  let crashes = 0;
  const { url } = await start(
    { role: "web", capacity: { ...FULL, crash: { refusalsPerSecond: 2, forMs: 1 } } },
    () => crashes++,
  );
  await occupy(url);
  await until(async () => (await get(url), crashes > 0), "the crash");
  await get(url);
  expect(crashes).toBe(1);
});

/** Sends a request on a connection that stays; the answer's head, and how to wait for the other side to close it. */
async function keptConnection(url: string) {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  cleanUps.push(() => socket.destroy());
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  let text = "";
  socket.setEncoding("latin1").on("data", (piece: string) => (text += piece));
  socket.write("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  await until(() => text.includes("\r\n\r\n"), "the answer's head");
  return { head: text.slice(0, text.indexOf("\r\n\r\n")).toLowerCase(), closed, socket };
}

test("a backend with an idle timeout closes a connection that idles, and announces nothing", async () => {
  const { url } = await start({ role: "database", keepAlive: { idleMs: 50 } });
  const { head, closed } = await keptConnection(url);
  expect(head).toContain("connection: keep-alive");
  expect(head).not.toContain("timeout=");
  await closed;
});

test("one that announces its idle timeout names it in every answer", async () => {
  const { url } = await start({ role: "database", keepAlive: { idleMs: 2900, announced: true } });
  expect((await keptConnection(url)).head).toContain("keep-alive: timeout=2");
});

test("a client of a backend with an idle timeout that sends Connection: close gets a close", async () => {
  const { url } = await start({ role: "database", keepAlive: { idleMs: 60_000 } });
  const answer = await fetch(`${url}/healthz`, { headers: { connection: "close" } });
  expect(answer.headers.get("connection")).toBe("close");
});

test("a backend without an idle timeout neither announces one nor closes", async () => {
  const { url } = await start({ role: "database" });
  const { head, socket } = await keptConnection(url);
  expect(head).not.toContain("keep-alive:");
  expect(socket.destroyed).toBe(false);
});
