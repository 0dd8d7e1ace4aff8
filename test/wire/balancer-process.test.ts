import { fork, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { buildParts } from "../support/build-parts.ts";
import { ask } from "../support/clients.ts";
import { until } from "../support/until.ts";
import { httpUpstream, type TestUpstream } from "../support/upstreams.ts";

let parts: ReturnType<typeof buildParts>;
beforeAll(() => {
  parts = buildParts(["lb/main.ts", "lb/config/parse-worker.ts"]);
}, 60_000);
afterAll(() => parts.remove());

let directory: string;
let upstream: TestUpstream;
let answerSlow: () => void;
let child: ChildProcess | undefined;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "balancer-"));
  upstream = await httpUpstream((request, response) => {
    if (request.url === "/slow") answerSlow = () => response.end("late");
    else response.end("hello");
  });
});
afterEach(async () => {
  child?.kill("SIGKILL");
  await upstream.close();
  rmSync(directory, { recursive: true, force: true });
});

const configure = (bind: string, weight = 1, pool = "", moreListeners = 0) =>
  writeFileSync(
    join(directory, "lb.yaml"),
    `listeners:
  - { name: public, bind: "${bind}", routes: [{ path: /, pool: web }] }
${Array.from({ length: moreListeners }, (_, i) => `  - { name: more-${i}, bind: "127.0.0.1:0", routes: [{ path: /, pool: web }] }\n`).join("")}
pools:
  web:
    policy: { type: round-robin }
    upstreams: [{ name: web-1, address: "127.0.0.1:${upstream.port}", weight: ${weight} }]
${pool}admin: { bind: "127.0.0.1:0" }
accessLog: { path: access.log }
`,
  );

/** The unit, its log so far, and the port that it reports ready on. */
function launch(descriptors?: number) {
  const unit = join(directory, "unit.json");
  writeFileSync(unit, JSON.stringify({ name: "balancer", configPath: join(directory, "lb.yaml"), seed: 1 }));
  const program = join(parts.build, "lb/main.js");
  const started =
    descriptors === undefined
      ? fork(program, [unit], { silent: true, execArgv: [] })
      : spawn("sh", ["-c", `ulimit -n ${descriptors} && exec "$0" "$@"`, process.execPath, program, unit], {
          stdio: ["ignore", "pipe", "pipe", "ipc"],
        });
  child = started;
  let log = "";
  started.stdout?.on("data", (chunk: Buffer) => (log += chunk.toString()));
  let port: number | undefined;
  let adminPort = 0;
  started.on("message", (message: { ports?: { public: number }; adminPort?: number }) => {
    port = message.ports?.public;
    adminPort = message.adminPort ?? 0;
  });
  const exit = once(started, "exit").then(([code]) => code as number | null);
  return {
    process: started,
    log: () => log,
    exit,
    port: () => until(() => port, "the balancer to serve"),
    admin: (path: string) => ask(adminPort, path).then(({ body }) => body.toString()),
  };
}

it("ends what is in flight after SIGTERM, writes its access log and exits 0", async () => {
  configure("127.0.0.1:0");
  const balancer = launch();
  const port = await balancer.port();
  const slow = ask(port, "/slow");
  await until(() => upstream.requests.length === 1, "the request to arrive");
  balancer.process.kill("SIGTERM");
  await until(
    () =>
      ask(port, "/").then(
        () => false,
        () => true,
      ),
    "new connections to be refused",
  );
  answerSlow();
  expect((await slow).body.toString()).toBe("late");
  expect(await balancer.exit).toBe(0);
  expect(readFileSync(join(directory, "access.log"), "utf8")).toContain('"target":"/slow"');
});

it("reads its file again on SIGHUP, and keeps the old one when that is broken", async () => {
  configure("127.0.0.1:0");
  const balancer = launch();
  const port = await balancer.port();
  writeFileSync(join(directory, "lb.yaml"), "listeners: [");
  balancer.process.kill("SIGHUP");
  await until(() => balancer.log().includes("the old one stays in force"), "the refusal in the log");
  expect((await ask(port, "/")).status).toBe(200);
  configure("127.0.0.1:0", 2);
  balancer.process.kill("SIGHUP");
  await until(() => balancer.log().includes("version 2 of the configuration"), "the new version in the log");
  expect((await ask(port, "/")).status).toBe(200);
});

it("takes a SIGHUP that comes as soon as the first of its ports is open", async () => {
  const port = await freePort();
  // It opens the others after that one, and then its admin interface.
  configure(`127.0.0.1:${port}`, 1, "", 60);
  const balancer = launch();
  while (balancer.process.exitCode === null && !(await isOpen(port)));
  balancer.process.kill("SIGSTOP");
  configure(`127.0.0.1:${port}`, 2);
  balancer.process.kill("SIGHUP");
  balancer.process.kill("SIGCONT");
  await until(() => balancer.log().includes("version 2 of the configuration"), "the new version in the log");
});

it("serves on while it reads a file of 350,000 unknown fields, and logs its faults", async () => {
  configure("127.0.0.1:0");
  const balancer = launch();
  const port = await balancer.port();
  writeFileSync(join(directory, "lb.yaml"), Array.from({ length: 350_000 }, (_, i) => `k${i}: 1\n`).join(""));
  const refused = () => balancer.log().includes("the old one stays in force");
  let answers = 0;
  balancer.process.kill("SIGHUP");
  while (!refused()) answers += (await ask(port, "/")).status === 200 ? 1 : 0;
  // One that was read on the serving thread would let two pass: one before it, one that waits for its end.
  expect(answers).toBeGreaterThan(10);
  expect(balancer.log()).toContain("has too many entries, allowed are 50000");
  expect(balancer.log().length).toBeLessThan(10_000);
});

it("names the address and EADDRINUSE when another program has its port, and exits 1", async () => {
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  const bind = `127.0.0.1:${(holder.address() as AddressInfo).port}`;
  configure(bind);
  const balancer = launch();
  expect(await balancer.exit).toBe(1);
  const lines = balancer.log().trimEnd().split("\n");
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    code: "EADDRINUSE",
    err: expect.stringContaining(bind),
  });
  holder.close();
});

const isOpen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const client = connect(port, "127.0.0.1", () => {
      client.destroy();
      resolve(true);
    }).on("error", () => resolve(false));
  });

async function freePort(): Promise<number> {
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  const { port } = holder.address() as AddressInfo;
  holder.close();
  await once(holder, "close");
  return port;
}

it("with few descriptors takes as many clients as it can serve, and no upstream is DOWN for the want of them", async () => {
  configure("127.0.0.1:0", 1, "    health: { path: /healthz, intervalMs: 100, fall: 1 }\n");
  const balancer = launch(256);
  const port = await balancer.port();
  const clients = Array.from({ length: 200 }, () => connect(port, "127.0.0.1").on("error", () => {}));
  try {
    await until(() => balancer.log().includes("has no place left"), "the log to say so");
    const metric = async (name: string) =>
      Number(new RegExp(`^${name}{[^}]*} (\\S+)$`, "m").exec(await balancer.admin("/metrics"))?.[1]);
    await until(
      async () => (await metric("lb_listener_connections_refused_total")) === 104,
      "104 to be refused",
    );
    expect(await metric("lb_listener_connections_limit")).toBe(96);
    expect(await metric("lb_listener_connections")).toBe(96);
    const checks = upstream.requests.length;
    await until(() => upstream.requests.length > checks + 3, "three more checks");
    expect(await balancer.admin("/stats;csv")).toContain("L7OK");
    expect(balancer.log()).not.toContain("is DOWN");
    const served = clients.find((client) => !client.destroyed);
    let answer = "";
    served?.on("data", (chunk: Buffer) => (answer += chunk.toString()));
    served?.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await until(() => answer.includes("hello"), "an answer to one that has a place");
    for (const client of clients) client.destroy();
    await until(() => balancer.log().includes("has places again"), "the log to say so");
    expect((await ask(port, "/")).status).toBe(200);
  } finally {
    for (const client of clients) client.destroy();
  }
});
