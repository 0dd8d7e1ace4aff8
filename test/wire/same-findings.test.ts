import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { configResult } from "../../lab/world/config-answer.ts";
import { createAdminClient } from "../../lab/world/http/admin-client.ts";
import type { ActionResult } from "../../lab/world/action-result.ts";
import { startBalancer, type RunningBalancer } from "../../lb/process.ts";
import { systemClock } from "../../runtime/clock.ts";
import { silentLog } from "../../runtime/log.ts";
import { seeded } from "../../runtime/random.ts";
import { unevenWeights } from "../../scenarios/uneven-weights/scenario.ts";
import { simulated } from "../support/simulations.ts";

const TOKEN = "0123456789abcdef0123456789abcdef";
const FILE = "mine.yaml";
/** Of the lab in virtual time, where a backend has the third. */
const SIMULATED = { listener: 8080, admin: 8404, taken: 9101 };

interface Ports {
  readonly listener: number;
  readonly admin: number;
  /** A foreign process listens there. */
  readonly taken: number;
}

/** The ports are where their length moves nothing. */
const yaml = ({ listener, admin }: Ports, weight: string): string => `listeners:
  - { name: public, routes: [{ path: /, pool: web }], bind: "127.0.0.1:${listener}" }
pools:
  web:
    policy: { type: round-robin }
    upstreams:
      - { name: web-1, address: "127.0.0.1:9101", weight: ${weight} }
      - { name: web-2, address: "127.0.0.1:9102", weight: 1 }
admin: { bind: "127.0.0.1:${admin}" }
`;

/** Of what may be meant, what cannot be read, and what the machine has not: each by its ports in a world. */
const TEXTS = {
  "uneven weights and no health check": (ports: Ports) => yaml(ports, "30"),
  "a weight that is none": (ports: Ports) => yaml(ports, "many"),
  "an address that is taken": (ports: Ports) => yaml({ ...ports, listener: ports.taken }, "1"),
} as const;
type Name = keyof typeof TEXTS;
const NAMES = Object.keys(TEXTS) as Name[];

let directory: string;
let balancer: RunningBalancer;
let other: Server;
let live: Record<string, ActionResult | undefined>;
let inVirtualTime: Record<string, ActionResult | undefined>;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "findings-"));
  const configPath = join(directory, "lb.yaml");
  writeFileSync(join(directory, "token"), `${TOKEN}\n`, { mode: 0o600 });
  other = await listening();
  const ports = { listener: await freePort(), admin: await freePort(), taken: portOf(other) };
  writeFileSync(configPath, yaml(ports, "1"));
  balancer = await startBalancer(
    { configPath, adminTokenPath: join(directory, "token") },
    { clock: systemClock, random: seeded(1), log: silentLog },
  );
  const client = createAdminClient(`127.0.0.1:${balancer.adminPort}`, TOKEN);
  live = {};
  for (const name of NAMES) {
    const answer = await client.apply(TEXTS[name](ports), { author: "trainee", reason: "" });
    live[name] = answer && configResult(answer, FILE);
  }
  const unknown = await client.rollback(999, "trainee");
  live["rollback"] = unknown && configResult(unknown, FILE);

  inVirtualTime = {};
  await simulated(unevenWeights, {
    fault: false,
    async responder(trainee) {
      await trainee.act({ do: "config apply", yaml: yaml(SIMULATED, "1") });
      for (const name of NAMES)
        inVirtualTime[name] = await trainee.act({
          do: "config apply",
          yaml: TEXTS[name](SIMULATED),
          file: FILE,
        });
      inVirtualTime["rollback"] = await trainee.act({ do: "config rollback", version: 999 });
      return false;
    },
  });
});
afterAll(async () => {
  await balancer.stop(0);
  other.close();
  rmSync(directory, { recursive: true, force: true });
});

describe("what is found in a configuration", () => {
  it.each(NAMES)("is the same over the admin API and in virtual time: %s", (name) => {
    const findings = (world: typeof live) => {
      const { ok, code, findings = [] } = world[name] ?? {};
      return { ok, code, findings: findings.map(({ message: _words, ...place }) => place) };
    };
    expect(findings(live).findings).not.toEqual([]);
    expect(findings(live)).toEqual(findings(inVirtualTime));
    for (const finding of live[name]?.findings ?? [])
      expect(Object.keys(finding)).toEqual(["file", "line", "column", "path", "code", "severity", "message"]);
  });

  it("is of the file that was given, with its place, code and severity", () => {
    expect(live["uneven weights and no health check"]).toMatchObject({
      ok: true,
      findings: expect.arrayContaining([
        expect.objectContaining({ file: FILE, line: 7, path: "pools.web.upstreams[0].weight" }),
      ]) as unknown,
    });
    expect(live["a weight that is none"]).toMatchObject({
      ok: false,
      code: "CONFIG_INVALID",
      findings: [{ file: FILE, line: 7, column: 59, code: "CONFIG_INVALID", severity: "error" }],
    });
    expect(inVirtualTime["a weight that is none"]?.message).toBe(live["a weight that is none"]?.message);
  });

  it("is nothing where it is no text that is refused", () => {
    expect(live["rollback"]).toEqual(inVirtualTime["rollback"]);
    expect(live["rollback"]).toMatchObject({ ok: false });
    expect(live["rollback"]?.findings).toBeUndefined();
  });
});

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

async function listening(): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

async function freePort(): Promise<number> {
  const server = await listening();
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
