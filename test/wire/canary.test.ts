import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Agent } from "node:http";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CanaryStatus } from "../../lb/config/rollout/canary.ts";
import { startBalancer, type RunningBalancer } from "../../lb/process.ts";
import { every, systemClock } from "../../runtime/clock.ts";
import { silentLog } from "../../runtime/log.ts";
import { seeded } from "../../runtime/random.ts";
import { ask, type TestAnswer } from "../support/clients.ts";
import { until } from "../support/until.ts";
import { httpUpstream, type TestUpstream } from "../support/upstreams.ts";

const TOKEN = "0123456789abcdef0123456789abcdef";

let directory: string;
let configPath: string;
let upstreams: readonly TestUpstream[];
let balancer: RunningBalancer;

/** Upstreams by their numbers; the third answers 500. */
const yaml = (members: readonly number[], more = "") => `listeners:
  - { name: public, bind: "127.0.0.1:0", routes: [{ path: /, pool: web }] }
pools:
  web:
    policy: { type: round-robin }
    upstreams:
${members.map((i) => `      - { name: web-${i}, address: "127.0.0.1:${upstreams[i]?.port ?? 0}" }`).join("\n")}
admin: { bind: "127.0.0.1:0" }
accessLog: { path: access.log }
rollout: { canary: { user: "cookie:user" } }
${more}`;

const start = () =>
  startBalancer(
    { configPath, adminTokenPath: join(directory, "token") },
    { clock: systemClock, random: seeded(1), log: silentLog },
  );

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "canary-"));
  configPath = join(directory, "lb.yaml");
  writeFileSync(join(directory, "token"), `${TOKEN}\n`, { mode: 0o600 });
  upstreams = await Promise.all(
    [200, 200, 500].map((status) =>
      httpUpstream((_request, response) => void response.writeHead(status).end("hello")),
    ),
  );
  writeFileSync(configPath, yaml([0, 1]));
  balancer = await start();
});
afterEach(async () => {
  await balancer.stop(0);
  await Promise.all(upstreams.map((upstream) => upstream.close()));
  rmSync(directory, { recursive: true, force: true });
});

interface CanaryAnswer {
  readonly status: number;
  readonly canary: CanaryStatus;
  readonly error?: { readonly code: string; readonly message: string };
}

async function admin(method: string, path: string, body?: string): Promise<CanaryAnswer> {
  const headers = {
    authorization: `Bearer ${TOKEN}`,
    "x-author": "ann",
    ...(body !== undefined && { "content-type": "application/yaml" }),
  };
  const answer = await ask(balancer.adminPort, path, {
    method,
    headers,
    ...(body !== undefined && { body }),
  });
  return { status: answer.status, ...(JSON.parse(answer.body.toString()) as Omit<CanaryAnswer, "status">) };
}

/** Two hundred requests a second from a hundred users, over ten connections that are kept. */
function load() {
  const failed: string[] = [];
  const opened: Socket[] = [];
  let closed = 0;
  let sent = 0;
  const pending = new Set<Promise<void>>();
  const agent = new Agent({ keepAlive: true, maxSockets: 10 });
  agent.on("free", (socket: Socket) => {
    if (opened.includes(socket)) return;
    opened.push(socket);
    socket.on("close", () => (closed += 1));
  });
  const stop = every(systemClock, 5, () => {
    const headers = { cookie: `user=u${sent++ % 100}` };
    const one = ask(balancer.ports()["public"] ?? 0, "/", { agent, headers }).then(
      ({ status }: TestAnswer) => void (status !== 200 && failed.push(String(status))),
      (error: unknown) => void failed.push(String(error)),
    );
    pending.add(one);
    void one.finally(() => pending.delete(one));
  });
  return {
    failed,
    get sent() {
      return sent;
    },
    async end() {
      stop();
      await Promise.all(pending);
      const result = { failed, closed, connections: opened.length };
      agent.destroy();
      return result;
    },
  };
}

describe("canaries under load", () => {
  it("fifty of them, promoted and aborted in turn, fail no request and close no connection", async () => {
    const users = load();
    let version = 1;
    for (let round = 0; round < 50; round++) {
      const began = await admin(
        "POST",
        "/config/canary?share=50%25&every=1h",
        yaml([round % 2], `# ${round}\n`),
      );
      expect(began).toMatchObject({ status: 200, canary: { phase: "baking", share: 0.5 } });
      const before = users.sent;
      await until(() => users.sent >= before + 4, "requests that meet both versions");
      const end = round % 3 === 0 ? "abort" : "promote";
      expect((await admin("POST", `/config/canary/${end}`)).status).toBe(200);
      if (end === "promote") version = began.canary.version;
      expect(balancer.version).toBe(version);
    }
    const { failed, closed, connections } = await users.end();
    expect({ failed, closed }).toEqual({ failed: [], closed: 0 });
    expect(connections).toBeLessThanOrEqual(10);
    expect(users.sent).toBeGreaterThan(200);
  });

  it("one that is no worse steps, bakes and is promoted by itself", async () => {
    const users = load();
    await admin("POST", "/config/canary?share=40%25&step=10%25&every=500ms&bake=500ms", yaml([1, 0]));
    await until(() => balancer.version === 2, "its promotion", 20_000);
    expect(await users.end()).toMatchObject({ failed: [], closed: 0 });
    const { canary } = await admin("GET", "/config/canary");
    expect(canary).toMatchObject({ version: 2, phase: "promoted", ended: { why: "baked" } });
    expect(readFileSync(configPath, "utf8")).toBe(yaml([1, 0]));
  });

  it("one that fails is aborted by itself, and its upstream gets nothing more", async () => {
    const users = load();
    await admin("POST", "/config/canary?share=30%25&every=500ms", yaml([2]));
    const status = async () => (await admin("GET", "/config/canary")).canary.phase;
    let phase = "growing";
    await until(
      () => {
        void status().then((now) => (phase = now));
        return phase === "aborted";
      },
      "its end",
      20_000,
    );
    const failed = users.failed.length;
    const sent = users.sent;
    await until(() => users.sent > sent + 50, "further requests");
    const result = await users.end();
    // Those that were under way when it ended.
    expect(result.failed.length - failed).toBeLessThanOrEqual(10);
    expect(new Set(result.failed)).toEqual(new Set(["500"]));
    expect(balancer.version).toBe(1);
    expect(result.closed).toBe(0);
  });
});

describe("a canary", () => {
  const front = (user: string) =>
    ask(balancer.ports()["public"] ?? 0, "/", { headers: { cookie: `user=${user}` } });
  const begin = () => admin("POST", "/config/canary?share=0.5&every=1h", yaml([1]));

  it("is seen in the access log, the metrics and the statistics, and nothing of it without one", async () => {
    await front("before");
    await begin();
    for (let i = 0; i < 20; i++) await front(`u${i}`);
    await admin("POST", "/config/canary/abort");
    await front("after");
    const text = async (path: string) => (await ask(balancer.adminPort, path)).body.toString();
    const metrics = await text("/metrics");
    expect(metrics).toMatch(/lb_canary_requests_total\{arm="canary",code="2xx"\} \d+/);
    expect(metrics).toMatch(/lb_canary_ended_total\{why="aborted"\} 1/);
    expect(await text("/stats")).toContain("Version 2 was aborted");
    await balancer.stop(1000);
    const lines = readFileSync(join(directory, "access.log"), "utf8").trim().split("\n");
    const seen = lines.map((line) => (JSON.parse(line) as { configVersion?: number }).configVersion);
    expect(seen.at(0)).toBeUndefined();
    expect(seen.at(-1)).toBeUndefined();
    expect(new Set(seen.slice(1, -1))).toEqual(new Set([1, 2]));
  });

  it("keeps other changes out until it has ended, and a file that is read again when it is another", async () => {
    await begin();
    for (const [method, path, body] of [
      ["PUT", "/config", yaml([0])],
      ["POST", "/config/canary", yaml([0])],
      ["POST", "/config/rollback", undefined],
    ] as const) {
      const refused = await admin(method, path, body);
      expect(refused, path).toMatchObject({ status: 409, error: { code: "CANARY_RUNNING" } });
    }
    expect(await balancer.reload()).toBe(true);
    expect((await admin("GET", "/config/canary")).canary).toMatchObject({ phase: "baking" });
    writeFileSync(configPath, yaml([0], "# another\n"));
    expect(await balancer.reload()).toBe(false);
    expect((await admin("GET", "/config/canary")).canary).toMatchObject({ phase: "baking" });
    expect((await admin("POST", "/config/canary/promote")).error?.code).toBe("CONFIG_CONFLICT");
    expect((await admin("POST", "/config/canary/abort")).status).toBe(200);
    expect(await balancer.reload()).toBe(true);
    expect(readFileSync(configPath, "utf8")).toBe(yaml([0], "# another\n"));
  });

  it("is gone after a crash, and that is said", async () => {
    await begin();
    await balancer.stop(0);
    balancer = await start();
    expect(balancer.version).toBe(1);
    expect((await admin("GET", "/config/canary")).canary).toMatchObject({ phase: "lost", version: 2 });
    const metrics = (await ask(balancer.adminPort, "/metrics")).body.toString();
    expect(metrics).toContain('lb_canary_ended_total{why="lost"} 1');
  });

  it("is refused for what it cannot be, with the reason", async () => {
    const other = yaml([0]).replace("routes", "upgrades: [], routes");
    expect(await admin("POST", "/config/canary", other)).toMatchObject({
      status: 422,
      error: { faults: [{ path: "listeners[0]" }] },
    });
    for (const query of ["share=60%25", "share=all", "every=soon", "color=red", "user=ip", "bake=-1s"])
      expect(await admin("POST", `/config/canary?${query}`, yaml([0])), query).toMatchObject({
        status: 400,
        error: { code: "USAGE" },
      });
    expect(await admin("POST", "/config/canary/abort")).toMatchObject({ status: 404 });
    expect(await admin("GET", "/config/canary")).toMatchObject({ status: 200, canary: null });
  });
});
