import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { MESSAGE_PREFIX } from "../../runtime/unit-process.ts";
import { buildParts } from "../support/build-parts.ts";
import { until } from "../support/until.ts";

const MAIN = "lab/world/docker/relay/main.ts";
let built: ReturnType<typeof buildParts>;
beforeAll(() => {
  built = buildParts([MAIN]);
});
afterAll(() => built.remove());

let dir: string;
let relay: Awaited<ReturnType<typeof startRelay>>;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "lblab-relay-"));
  relay = await startRelay();
});
afterEach(async () => {
  relay.child.kill("SIGTERM");
  await relay.exited;
  rmSync(dir, { recursive: true, force: true });
});

/** As it runs in its container: no channel, messages on standard output. */
async function startRelay() {
  const config = join(dir, "relay.json");
  // It reports its port when it is ready.
  writeFileSync(config, JSON.stringify({ name: "relay", port: 0, metricsFile: join(dir, "lab.prom") }));
  const child = spawn(process.execPath, [join(built.build, MAIN.replace(".ts", ".js")), config], {
    env: { PATH: process.env["PATH"], LBLAB_MESSAGES: "stdout" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  // The supervisor's line, with nothing in it: the configuration is the file's.
  child.stdin.write("\n");
  const exited = once(child, "exit");
  let out = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString("utf8")));
  const messages = (): { type: string; [key: string]: unknown }[] =>
    out
      .split("\n")
      .slice(0, -1)
      .filter((line) => line.startsWith(MESSAGE_PREFIX))
      .map((line) => JSON.parse(line.slice(MESSAGE_PREFIX.length)) as { type: string });
  const ready = await until(() => messages().find(({ type }) => type === "ready"), "the relay to serve");
  return { child, exited, messages, url: `http://127.0.0.1:${String(ready["port"])}` };
}

const post = (body: string): Promise<Response> => fetch(`${relay.url}/webhook`, { method: "POST", body });
const scraped = async (): Promise<string> => (await fetch(`${relay.url}/metrics`)).text();
const notified = () => relay.messages().filter(({ type }) => type === "notification");

it("a notification of Alertmanager's reaches the supervisor as one message, whatever its texts hold", async () => {
  const notification = {
    version: "4",
    groupKey: "{}:{}",
    alerts: [{ status: "firing", annotations: { summary: "two\nlines, ünd “quotes”" } }],
  };
  expect((await post(JSON.stringify(notification))).status).toBe(204);
  await until(() => notified().length > 0, "the message");
  expect(notified()).toEqual([{ type: "notification", notification }]);
});

it.each(["", "{", '{"version":"3","alerts":[]}', '{"version":"4"}', "[]"])(
  "%j is no notification and is not passed on",
  async (body) => {
    expect((await post(body)).status).toBe(400);
    expect((await post('{"version":"4","alerts":[]}')).status).toBe(204);
    await until(() => notified().length > 0, "the good one");
    expect(notified()).toHaveLength(1);
  },
);

it("a body without end, in however small pieces, is refused, and the relay goes on", async () => {
  const socket = connect(Number(new URL(relay.url).port), "127.0.0.1");
  // What is written after the refusal meets a closed connection.
  socket.on("error", () => {});
  let answer = "";
  socket.on("data", (chunk: Buffer) => (answer += chunk.toString("latin1")));
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.write("POST /webhook HTTP/1.1\r\nhost: relay\r\ntransfer-encoding: chunked\r\n\r\n");
  const piece = `64\r\n${"x".repeat(100)}\r\n`;
  socket.write(piece.repeat(20_000));
  await closed;
  expect(answer === "" || answer.startsWith("HTTP/1.1 413")).toBe(true);
  expect(await scraped()).toBe("");
});

it("it shows what the supervisor wrote, as long as the supervisor goes on writing", async () => {
  expect(await scraped()).toBe("");
  writeFileSync(join(dir, "lab.prom"), "unit_restarts_total 3\n");
  expect(await scraped()).toBe("unit_restarts_total 3\n");
  const longAgo = new Date(Date.now() - 60_000);
  utimesSync(join(dir, "lab.prom"), longAgo, longAgo);
  expect(await scraped()).toBe("");
});
