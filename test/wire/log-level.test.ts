import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startBalancer, type RunningBalancer } from "../../lb/process.ts";
import { systemClock } from "../../runtime/clock.ts";
import { createLogOn } from "../../runtime/process-log.ts";
import type { LogLevel } from "../../runtime/log-level.ts";
import { seeded } from "../../runtime/random.ts";
import { rawClient } from "../support/clients.ts";

let directory: string;
let balancer: RunningBalancer | undefined;
let lines: string[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "log-level-"));
  lines = [];
});
afterEach(async () => {
  await balancer?.stop(0);
  rmSync(directory, { recursive: true, force: true });
});

function configure(log: string): void {
  writeFileSync(
    join(directory, "lb.yaml"),
    `listeners: [{ name: public, bind: "127.0.0.1:0", routes: [{ path: /, pool: web }] }]
pools: { web: { policy: { type: first }, upstreams: [{ name: web-1, address: "127.0.0.1:1" }] } }
admin: { bind: "127.0.0.1:0" }
${log}
`,
  );
}

async function start(logLevel?: LogLevel): Promise<RunningBalancer> {
  balancer = await startBalancer(
    { configPath: join(directory, "lb.yaml") },
    {
      clock: systemClock,
      random: seeded(1),
      log: createLogOn({ write: (line) => void lines.push(line) }, "balancer", () => ""),
      logLevel,
    },
  );
  return balancer;
}

/** What is logged of a request that is refused. */
async function refusal(running: RunningBalancer): Promise<readonly string[]> {
  lines.length = 0;
  const client = await rawClient(running.ports()["public"] ?? 0);
  client.send("GET / HTTP/1.1\r\n\r\n");
  await client.closed;
  return lines;
}

test("a refused request is logged with its reason at level debug, from the reload on that sets it", async () => {
  configure("");
  const running = await start();
  expect(await refusal(running)).toEqual([]);
  configure("log: { level: debug }");
  expect(await running.reload()).toBe(true);
  const [line = "{}"] = await refusal(running);
  expect(JSON.parse(line)).toMatchObject({ level: "debug", reason: "host-missing", peer: "127.0.0.1" });
  configure("");
  expect(await running.reload()).toBe(true);
  expect(await refusal(running)).toEqual([]);
});

test("what the process was started with goes before the configuration", async () => {
  configure("log: { level: debug }");
  expect(await refusal(await start("error"))).toEqual([]);
  expect(lines).toEqual([]);
});
