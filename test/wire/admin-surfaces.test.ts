import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startControl } from "../../lab/control/server.ts";
import { startBalancer } from "../../lb/process.ts";
import { createAdminServer } from "../../runtime/admin-server.ts";
import { systemClock } from "../../runtime/clock.ts";
import { silentLog } from "../../runtime/log.ts";
import { seeded } from "../../runtime/random.ts";
import { during } from "../support/cleanup.ts";
import { createFakeWorld } from "../support/fake-world.ts";
import { createManualClock } from "../support/manual-clock.ts";
import { until } from "../support/until.ts";
import { startWatchedShop } from "../support/watched-shop.ts";
import { quietBus } from "../support/quiet-bus.ts";

const TOKEN = "0123456789abcdef0123456789abcdef";

/** One of the project's surfaces for people and programs of this machine. */
interface Surface {
  readonly port: number;
  readonly read: string;
  /** A request that makes a change: method, path, body. */
  readonly change: readonly [method: string, path: string, body: string];
  /** Whether the change was made. */
  changed(): Promise<boolean>;
  close(): unknown;
}

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), "surface-"))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

async function control(): Promise<Surface> {
  const world = createFakeWorld(createManualClock());
  const onDown = vi.fn();
  const server = await startControl({
    port: 0,
    token: TOKEN,
    instance: "i1",
    clock: systemClock,
    listener: "127.0.0.1:1",
    world: () => world,
    drill: () => undefined,
    users: () => undefined,
    bus: quietBus(systemClock),
    onDown,
  });
  const address = server.server.address();
  return {
    port: typeof address === "object" && address ? address.port : 0,
    read: "/healthz",
    change: ["POST", "/v1/down", "{}"],
    changed: async () => onDown.mock.calls.length > 0,
    close: () => server.close(),
  };
}

async function evaluator(): Promise<Surface> {
  const rulesFile = join(directory, "any.rules.yml");
  writeFileSync(rulesFile, "groups: []\n");
  const watching = await startWatchedShop([], { rulesFile, intervalMs: 1000, token: TOKEN });
  const silence = {
    matchers: [{ name: "a", value: "b", isRegex: false, isEqual: true }],
    startsAt: new Date(Date.now()).toISOString(),
    endsAt: new Date(Date.now() + 3_600_000).toISOString(),
    createdBy: "somebody",
    comment: "",
  };
  return {
    port: Number(new URL(watching.url).port),
    read: "/api/v1/query?query=1",
    change: ["POST", "/api/v2/silences", JSON.stringify(silence)],
    changed: async () =>
      ((await (await fetch(`${watching.url}/api/v2/silences`)).json()) as unknown[]).length > 0,
    close: () => watching.close(),
  };
}

async function admin(): Promise<Surface> {
  const configPath = join(directory, "lb.yaml");
  writeFileSync(join(directory, "token"), `${TOKEN}\n`, { mode: 0o600 });
  writeFileSync(
    configPath,
    `listeners: [{ name: public, bind: "127.0.0.1:0", routes: [{ path: /, pool: web }] }]
pools: { web: { policy: { type: round-robin }, upstreams: [{ name: web-1, address: "127.0.0.1:1" }] } }
admin: { bind: "127.0.0.1:0" }
`,
  );
  const balancer = await startBalancer(
    { configPath, adminTokenPath: join(directory, "token") },
    { clock: systemClock, random: seeded(1), log: silentLog },
  );
  const pools = `http://127.0.0.1:${balancer.adminPort}/pools`;
  return {
    port: balancer.adminPort,
    read: "/healthz",
    change: ["PATCH", "/upstreams/web-1", '{"weight":7}'],
    changed: async () => (await (await fetch(pools)).text()).includes('"weight":7'),
    close: () => balancer.stop(0),
  };
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Not `fetch`: it does not send a given Host or Origin. Headers may be given twice. */
function ask(
  { port }: Pick<Surface, "port">,
  [method, path, body]: readonly [string, string, string],
  headers: readonly (readonly [string, string])[],
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const host = headers.some(([name]) => name.toLowerCase() === "host")
      ? []
      : [["host", `127.0.0.1:${port}`] as const];
    const length =
      body === ""
        ? []
        : ([
            ["content-type", "application/json"],
            ["content-length", String(Buffer.byteLength(body))],
          ] as const);
    const request = httpRequest(
      {
        method,
        path,
        port,
        host: "127.0.0.1",
        headers: [...host, ...headers, ...length].flat(),
        agent: false,
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (text += chunk));
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        );
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

/** More header fields than node shows by default. */
const MANY = Array.from({ length: 1100 }, (_, i) => [`x${i}`, ""] as const);

describe.each([
  ["the control API", control],
  ["the evaluator's API", evaluator],
  ["the balancer's admin API", admin],
] as const)("%s", (_name, start) => {
  let surface: Surface;
  beforeEach(async () => (surface = await start()));
  afterEach(() => surface.close());

  it("is on the loopback only", () => {
    const listening = readFileSync("/proc/net/tcp", "utf8")
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter(
        ([, local = "", , state]) =>
          state === "0A" && Number.parseInt(local.split(":")[1] ?? "", 16) === surface.port,
      );
    expect(listening.map(([, local = ""]) => local.split(":")[0])).toEqual(["0100007F"]);
    const hex = surface.port.toString(16).toUpperCase().padStart(4, "0");
    expect(readFileSync("/proc/net/tcp6", "utf8")).not.toContain(
      `:${hex} 00000000000000000000000000000000:0000 0A`,
    );
  });

  it("answers reading without a token, never cached and never guessed at", async () => {
    const answer = await ask(surface, ["GET", surface.read, ""], []);
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
    });
  });

  it.each([
    ["without a token", []],
    ["with another token", [["authorization", `Bearer ${TOKEN}x`]]],
    ["with the token in another scheme", [["authorization", `Basic ${TOKEN}`]]],
    ["with the token alone", [["authorization", TOKEN]]],
    ["with the token beyond a thousand fields, a wrong one before", [["authorization", "Bearer x"], ...MANY]],
  ] as const)("changes nothing %s", async (_what, headers) => {
    const answer = await ask(surface, surface.change, headers);
    expect(answer.status).toBe(401);
    expect(answer.headers).toMatchObject({ "www-authenticate": "Bearer", connection: "close" });
    expect(await surface.changed()).toBe(false);
  });

  it.each([
    ["of another name", [["host", "shop.test"]]],
    ["of another port", [["host", "127.0.0.1:1"]]],
    ["from a page elsewhere", [["origin", "http://evil.test"]]],
    ["that a page elsewhere made a browser send", [["sec-fetch-site", "cross-site"]]],
    ["from a page elsewhere, in a field after a thousand others", [...MANY, ["origin", "http://evil.test"]]],
  ] as const)("refuses a request %s, reading or not, even with the token", async (_what, headers) => {
    const token = ["authorization", `Bearer ${TOKEN}`] as const;
    expect((await ask(surface, ["GET", surface.read, ""], [...headers, token])).status).toBe(403);
    expect((await ask(surface, surface.change, [...headers, token])).status).toBe(403);
    expect(await surface.changed()).toBe(false);
  });

  it.each([
    ["the right one first", (host: string) => [host, "evil.test"]],
    ["the right one last", (host: string) => ["evil.test", host]],
    ["the same twice", (host: string) => [host, host]],
  ])("refuses two Host fields: %s", async (_what, hosts) => {
    const own = `127.0.0.1:${surface.port}`;
    const headers = hosts(own).map((host) => ["host", host] as const);
    expect((await ask(surface, ["GET", surface.read, ""], headers)).status).toBe(403);
  });

  it.each(["Bearer", "bearer", "BEARER"])(
    "changes with the token, whatever the scheme's case: %s",
    async (scheme) => {
      const answer = await ask(surface, surface.change, [["authorization", `${scheme} ${TOKEN}`]]);
      expect(answer.status).toBe(200);
      expect(await surface.changed()).toBe(true);
    },
  );

  it("refuses more than it would ever need, and goes on", async () => {
    const [method, path] = surface.change;
    const huge = JSON.stringify({ text: "x".repeat(5 * 1024 * 1024) });
    const answer = await ask(surface, [method, path, huge], [["authorization", `Bearer ${TOKEN}`]]).catch(
      () => undefined, // The connection may end before all of it is sent.
    );
    expect(answer?.status ?? 413).toBe(413);
    expect((await ask(surface, ["GET", surface.read, ""], [])).status).toBe(200);
  });
});

/** Sends these bytes and nothing more; resolves with what came back once the other side has closed. */
function sendAlone(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect({ port, host: "127.0.0.1" }, () => void socket.write(bytes));
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => (text += chunk));
    socket.on("error", reject);
    socket.on("close", () => resolve(text));
  });
}

describe("a surface's server", () => {
  it.each([
    ["head", (port: number) => `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nX-Half`],
    [
      "body",
      (port: number) =>
        `POST / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"a`,
    ],
  ])("does not wait for ever for the second half of a %s", async (_what, bytes) => {
    const { server, listen } = createAdminServer({
      address: { host: "127.0.0.1", port: 0 },
      token: TOKEN,
      bodyLimit: 1000,
      closing: "all",
      refused: ({ message }) => ({ message }),
      limits: { headersTimeoutMs: 50, requestTimeoutMs: 100 },
    });
    server.post("/", () => "done");
    const port = await listen();
    await during(server);
    expect(await sendAlone(port, bytes(port))).toContain("408");
  });

  it("has such limits by default", () => {
    const { server } = createAdminServer({
      address: { host: "127.0.0.1", port: 0 },
      token: undefined,
      bodyLimit: 1000,
      closing: "all",
      refused: () => ({}),
    });
    expect(server.server).toMatchObject({
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      maxHeadersCount: 0,
    });
  });

  it("does not read on after its refusal", async () => {
    const { server, listen } = createAdminServer({
      address: { host: "127.0.0.1", port: 0 },
      token: TOKEN,
      bodyLimit: 1024 ** 3,
      closing: "all",
      refused: ({ message }) => ({ message }),
    });
    server.post("/", () => "done");
    const port = await listen();
    await during(server);
    const read = await new Promise<number>((resolve) => {
      const socket = connect({ port, host: "127.0.0.1" });
      const piece = Buffer.alloc(64 * 1024, "x");
      socket.write(
        `POST / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: text/plain\r\nContent-Length: ${200 * 1024 ** 2}\r\n\r\n`,
      );
      const more = (): void => void socket.write(piece, (error) => (error ? undefined : more()));
      more();
      socket.on("error", () => {});
      socket.on("close", () => resolve(socket.bytesWritten));
    });
    expect(read).toBeLessThan(100 * 1024 ** 2);
  });
});

it("waits for nothing when a surface closes", async () => {
  const surface = await control();
  const socket = connect({ port: surface.port, host: "127.0.0.1" });
  socket.on("error", () => {});
  await until(() => socket.readyState === "open", "a connection");
  await surface.close();
  socket.destroy();
});
