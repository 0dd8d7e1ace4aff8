import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { buildParts } from "../support/build-parts.ts";
import { ask } from "../support/clients.ts";
import { until } from "../support/until.ts";
import { httpUpstream, type TestUpstream } from "../support/upstreams.ts";

let parts: ReturnType<typeof buildParts>;
beforeAll(() => {
  parts = buildParts(["lb/main.ts"]);
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

const configure = (bind: string, weight = 1) =>
  writeFileSync(
    join(directory, "lb.yaml"),
    `listeners: [{ name: public, bind: "${bind}", routes: [{ path: /, pool: web }] }]
pools:
  web:
    policy: { type: round-robin }
    upstreams: [{ name: web-1, address: "127.0.0.1:${upstream.port}", weight: ${weight} }]
admin: { bind: "127.0.0.1:0" }
accessLog: { path: access.log }
`,
  );

/** The unit, its log so far, and the port that it says it serves on. */
function launch() {
  const unit = join(directory, "unit.json");
  writeFileSync(unit, JSON.stringify({ name: "balancer", configPath: join(directory, "lb.yaml"), seed: 1 }));
  const started = fork(join(parts.build, "lb/main.js"), [unit], { silent: true, execArgv: [] });
  child = started;
  let log = "";
  started.stdout?.on("data", (chunk: Buffer) => (log += chunk.toString()));
  let port: number | undefined;
  started.on("message", (message: { ports?: { public: number } }) => (port = message.ports?.public));
  const exit = once(started, "exit").then(([code]) => code as number | null);
  return { process: started, log: () => log, exit, port: () => until(() => port, "the balancer to serve") };
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
  await until(() => balancer.log().includes("the old one serves on"), "the refusal in the log");
  expect((await ask(port, "/")).status).toBe(200);
  configure("127.0.0.1:0", 2);
  balancer.process.kill("SIGHUP");
  await until(() => balancer.log().includes("version 2 of the configuration"), "the new version in the log");
  expect((await ask(port, "/")).status).toBe(200);
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
