import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startBalancer } from "../lb/process.ts";
import { every, sleep, systemClock } from "../runtime/clock.ts";
import { silentLog } from "../runtime/log.ts";
import { seeded } from "../runtime/random.ts";
import { mutate, RICH_CONFIG } from "./config-mutations.ts";
import { examineConfig } from "./examine-config.ts";

/**
 * `npm run bench:config [-- SEED]`: 20,000 mutated configurations, none of which may crash us or take long, and 200
 * malformed ones applied to a balancer that serves 200 requests a second meanwhile, none of which may fail. Exit code 4
 * below a bar.
 */

const COUNT = 20_000;
const WORST_MS = 500;
const REFUSALS = 200;
const RATE = 200;
const TOKEN = "0123456789abcdef0123456789abcdef";

const seed = process.argv[2] ?? "1";
const met = [mutations(), await underLoad()].every(Boolean);
process.exitCode = met ? 0 : 4;

function mutations(): boolean {
  const random = seeded(seed);
  let [refused, crashed, worstMs, totalMs] = [0, 0, 0, 0];
  let worst = "";
  for (let i = 0; i < COUNT; i++) {
    const text = mutate(RICH_CONFIG, random);
    const began = systemClock.now();
    try {
      if (examineConfig(text).length > 0) refused += 1;
    } catch (error) {
      crashed += 1;
      process.stderr.write(`mutation ${i} of seed ${seed}: ${String(error)}\n${text.slice(0, 2000)}\n`);
    }
    const ms = systemClock.now() - began;
    totalMs += ms;
    if (ms > worstMs) [worstMs, worst] = [ms, `mutation ${i}, ${text.length} characters`];
  }
  say("mutated configurations", COUNT);
  say("  refused, with place and reason", refused);
  say("  crashed", crashed, "0", crashed === 0);
  say("  mean time", `${(totalMs / COUNT).toFixed(2)} ms`);
  say("  worst time", `${worstMs.toFixed(1)} ms (${worst})`, `${WORST_MS} ms`, worstMs <= WORST_MS);
  return crashed === 0 && worstMs <= WORST_MS;
}

async function underLoad(): Promise<boolean> {
  const directory = mkdtempSync(join(tmpdir(), "config-fuzz-"));
  const upstream = createServer((_request, response) => response.end("hello"));
  await new Promise<void>((resolve) => upstream.listen(0, "127.0.0.1", resolve));
  const { port } = upstream.address() as AddressInfo;
  const configPath = join(directory, "lb.yaml");
  const tokenPath = join(directory, "token");
  writeFileSync(tokenPath, TOKEN, { mode: 0o600 });
  writeFileSync(
    configPath,
    `listeners: [{ name: public, bind: "127.0.0.1:0", routes: [{ path: /, pool: web }] }]
pools: { web: { policy: { type: random }, upstreams: [{ name: web-1, address: "127.0.0.1:${port}" }] } }
admin: { bind: "127.0.0.1:0" }
`,
  );
  const balancer = await startBalancer(
    { configPath, adminTokenPath: tokenPath },
    { clock: systemClock, random: seeded(seed), log: silentLog },
  );
  const listener = balancer.ports()["public"] ?? 0;
  let [sent, failed, slowestMs] = [0, 0, 0];
  const open: Promise<void>[] = [];
  // Open loop: one more is sent in its time, whatever has become of those before.
  const stop = every(systemClock, 1000 / RATE, () => {
    sent += 1;
    const began = systemClock.now();
    open.push(
      ask(listener, "GET", "/").then(({ status }) => {
        if (status !== 200) failed += 1;
        slowestMs = Math.max(slowestMs, systemClock.now() - began);
      }),
    );
  });
  const random = seeded(seed).fork("applied");
  let [refused, taken] = [0, 0];
  while (refused < REFUSALS) {
    const text = mutate(RICH_CONFIG, random);
    // Only what is malformed: a good one would be taken, which is no test of refusing.
    if (examineConfig(text).length === 0) continue;
    const { status, body } = await ask(balancer.adminPort, "PUT", "/config", text);
    const { error } = JSON.parse(body) as { error?: { faults?: { line: number; message: string }[] } };
    if (status === 422 && (error?.faults?.[0]?.line ?? 0) > 0 && error?.faults?.[0]?.message !== "")
      refused += 1;
    else taken += 1;
    if (taken > 0) break;
    await sleep(systemClock, 10);
  }
  stop();
  await Promise.all(open);
  const unchanged = balancer.version === 1;
  await balancer.stop(1000);
  await new Promise((resolve) => upstream.close(resolve));
  rmSync(directory, { recursive: true, force: true });
  const good = refused === REFUSALS && failed === 0 && unchanged;
  say(
    "malformed ones applied, refused with place and reason",
    refused,
    String(REFUSALS),
    refused === REFUSALS,
  );
  say("  requests meanwhile", `${sent}, the slowest took ${slowestMs.toFixed(1)} ms`);
  say("  failed requests", failed, "0", failed === 0);
  say("  configuration in force", unchanged ? "the first" : "another", "the first", unchanged);
  return good;
}

function ask(
  port: number,
  method: string,
  path: string,
  body?: string,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve) => {
    const headers =
      method === "GET" ? {} : { authorization: `Bearer ${TOKEN}`, "content-type": "application/yaml" };
    const asked = request({ port, host: "127.0.0.1", method, path, headers, agent: false }, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString()));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: text }));
      response.on("error", () => resolve({ status: 0, body: "{}" }));
    });
    asked.on("error", () => resolve({ status: 0, body: "{}" }));
    asked.end(body);
  });
}

function say(what: string, figure: number | string, bar?: string, met = true): void {
  const told = bar === undefined ? "" : `  (bar: ${bar}) ${met ? "met" : "NOT MET"}`;
  process.stdout.write(`${what.padEnd(56)} ${figure}${told}\n`);
}
