import { once } from "node:events";
import { fork, type ChildProcess } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createRunKeys } from "../../lab/world/run-keys.ts";
import { buildParts } from "../support/build-parts.ts";
import { until } from "../support/until.ts";

const home = mkdtempSync(join(tmpdir(), "backends-"));
const children: ChildProcess[] = [];
let parts: ReturnType<typeof buildParts>;

beforeAll(() => {
  parts = buildParts(["backends/main.ts"]);
}, 60_000);

afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  parts.remove();
  rmSync(home, { recursive: true, force: true });
});

/** Runs a backend as the supervisor would. `output` grows as it writes, `exit` resolves to its exit code. */
function run(config: object) {
  const path = join(home, `${children.length}.json`);
  writeFileSync(
    path,
    JSON.stringify({
      name: "web-1",
      role: "web",
      port: 0,
      version: "1.0.0",
      seed: 1,
      capacity: { slots: 2, serviceMs: 1, queueLimit: 2 },
      ...config,
    }),
  );
  const child = fork(join(parts.build, "backends/main.js"), [path], { silent: true });
  children.push(child);
  const seen = { output: "", port: 0 };
  child.stdout?.on("data", (chunk) => (seen.output += String(chunk)));
  child.stderr?.on("data", (chunk) => (seen.output += String(chunk)));
  child.on("message", (message: { type: string; port: number }) => {
    if (message.type === "ready") seen.port = message.port;
  });
  const exit = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { child, seen, exit };
}

async function serving(config: object) {
  const process = run(config);
  const port = await until(() => process.seen.port > 0 && process.seen.port, "the backend to serve");
  return { ...process, port, url: `http://127.0.0.1:${port}` };
}

test("signalled to stop, a backend finishes what is under way and exits 0", async () => {
  let answerQuery: (() => void) | undefined;
  const database = createServer((_request, response) => (answerQuery = () => response.end("{}")));
  await new Promise<void>((resolve) => database.listen(0, "127.0.0.1", resolve));
  const { port } = database.address() as AddressInfo;
  const web = await serving({ calls: { database: `http://127.0.0.1:${port}` } });
  const page = fetch(web.url);
  const query = await until(() => answerQuery, "the query to reach the database");
  web.child.kill("SIGTERM");
  await until(() => web.seen.output.includes("asked to stop"), "the backend to be asked");
  query();
  const answer = await page;
  expect([answer.status, answer.headers.get("connection")]).toEqual([200, "close"]);
  expect(await web.exit).toBe(0);
  database.close();
});

test("signalled to stop, a backend does not wait for what takes too long", async () => {
  const web = await serving({ capacity: { slots: 1, serviceMs: 3_600_000, queueLimit: 0 } });
  const page = fetch(web.url).catch(() => "cut");
  await until(
    async () =>
      (await (await fetch(`${web.url}/metrics`)).text()).includes('in_flight{backend="web-1",role="web"} 1'),
    "the page to be in service",
  );
  web.child.kill("SIGTERM");
  expect(await web.exit).toBe(0);
  expect(await page).toBe("cut");
});

test("signalled to reload, a backend goes on as before", async () => {
  const web = await serving({});
  web.child.kill("SIGHUP");
  expect((await fetch(web.url)).status).toBe(200);
});

test("out of workers, a backend logs it, cuts its clients off and exits with a code of its own", async () => {
  const capacity = {
    slots: 1,
    serviceMs: 3_600_000,
    queueLimit: 0,
    crash: { refusalsPerSecond: 2, forMs: 1 },
  };
  const web = await serving({ capacity });
  const page = fetch(web.url).catch(() => "cut");
  const refused = () =>
    fetch(web.url).then(
      () => undefined,
      () => "gone",
    );
  await until(refused, "the process to be gone");
  expect(await web.exit).toBe(70);
  expect(await page).toBe("cut");
  expect(web.seen.output).toContain("out of workers, exiting");
});

test("a port in use is named with the system's code, and the process exits 1", async () => {
  const first = await serving({});
  const second = run({ name: "web-2", port: first.port });
  expect(await second.exit).toBe(1);
  expect(second.seen.output).toContain('"code":"EADDRINUSE"');
  expect(second.seen.output).toContain(`127.0.0.1:${first.port}`);
});

test("a wrong configuration is refused by its field before anything is served", async () => {
  const web = run({ capacity: { slots: 0, serviceMs: 1, queueLimit: 2 } });
  expect(await web.exit).toBe(2);
  expect(web.seen.output).toContain("capacity.slots");
});

test("a unit uses what its supervisor hands over, invisible to others, whatever its file says", async () => {
  const path = join(home, "edited.json");
  const capacity = { slots: 2, serviceMs: 1, queueLimit: 2 };
  const config = { name: "web-1", role: "web", port: 0, version: "1.0.0", seed: 1, capacity };
  writeFileSync(path, JSON.stringify({ ...config, version: "edited" }));
  const child = fork(join(parts.build, "backends/main.js"), [path], {
    silent: true,
    execArgv: [],
    env: { LBLAB_SUPERVISOR: String(process.pid) },
  });
  children.push(child);
  const messages: { type: string; port?: number }[] = [];
  child.on("message", (message: { type: string }) => messages.push(message));
  const { origin } = createRunKeys();
  child.send({ type: "handover", config, keys: { origin } });
  const ready = await until(() => messages.find(({ type }) => type === "ready"), "the backend to serve");
  const answer = await fetch(`http://127.0.0.1:${ready.port}/`, { headers: { "x-nonce": "n" } });
  expect(await answer.json()).toMatchObject({ version: "1.0.0", nonce: "n" });
  const proof = answer.headers.get("x-origin-proof");
  expect(proof).toMatch(/^127\.0\.0\.1:0 \S{43}$/);
  await until(() => messages.some(({ type }) => type === "alive"), "its word that it lives");
  const seen = ["cmdline", "environ"].map((what) => readFileSync(`/proc/${child.pid}/${what}`, "utf8"));
  const metrics = await (await fetch(`http://127.0.0.1:${ready.port}/metrics`)).text();
  const output = [...seen, metrics, JSON.stringify(messages), readFileSync(path, "utf8"), proof].join();
  expect(output).not.toContain(origin);
});

test("without a handover, a unit of a lab does not begin", async () => {
  const path = join(home, "waiting.json");
  writeFileSync(path, "no JSON at all");
  const child = fork(join(parts.build, "backends/main.js"), [path], {
    silent: true,
    execArgv: [],
    env: { LBLAB_SUPERVISOR: String(process.pid) },
  });
  children.push(child);
  let output = "";
  child.stderr?.on("data", (chunk) => (output += String(chunk)));
  // Something else on the channel is no handover; what is one is read at once, and refused for what it lacks.
  child.send({ type: "hello" });
  child.send({ type: "handover", config: { name: "web-1" }, keys: {} });
  const [code] = (await once(child, "exit")) as [number];
  expect(code).toBe(2);
  expect(output).toContain("role");
  expect(output).not.toContain("JSON");
});
