import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createRunner } from "../../lab/cli/context.ts";
import { createProgram } from "../../lab/cli/program.ts";
import { createAdminClient } from "../../lab/world/http/admin-client.ts";
import type { GuardAction } from "../../scenarios/action.ts";
import { startBalancer, type RunningBalancer } from "../../lb/process.ts";
import { systemClock } from "../../runtime/clock.ts";
import { silentLog } from "../../runtime/log.ts";
import { seeded } from "../../runtime/random.ts";

let directory: string;
let balancer: RunningBalancer;
let out = "";

const at = (name: string) => join(directory, name);
const yaml = (
  weight: number,
) => `listeners: [{ name: public, bind: "127.0.0.1:0", routes: [{ path: /, pool: web }] }]
pools:
  web:
    policy: { type: round-robin }
    health: { path: /, intervalMs: 60000 }
    upstreams: [{ name: web-1, address: "127.0.0.1:1", weight: ${weight} }]
admin:
  bind: "127.0.0.1:0"
  tokens:
    - { name: ann, role: reviewer, file: ann.token }
    - { name: bob, role: operator, file: bob.token }
rollout: { review: required }
`;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "rollout-commands-"));
  for (const name of ["ann", "bob"])
    writeFileSync(at(`${name}.token`), `${name}-0123456789abcdef`, { mode: 0o600 });
  writeFileSync(at("lb.yaml"), yaml(1));
  writeFileSync(at("next.yaml"), yaml(2));
  balancer = await startBalancer(
    { configPath: at("lb.yaml") },
    { clock: systemClock, random: seeded(1), log: silentLog },
  );
});
afterEach(async () => {
  vi.restoreAllMocks();
  await balancer.stop(0);
  rmSync(directory, { recursive: true, force: true });
  process.exitCode = 0;
});

/** The exit code of `lblab config ...` as this person; what it prints is in `out`. */
async function config(who: "ann" | "bob", ...words: readonly string[]): Promise<number> {
  out = "";
  const keep = (text: string | Uint8Array) => {
    out += String(text);
    return true;
  };
  vi.spyOn(process.stdout, "write").mockImplementation(keep);
  vi.spyOn(process.stderr, "write").mockImplementation(keep);
  const runner = createRunner({
    signal: new AbortController().signal,
    dist: directory,
    root: directory,
    version: "0",
  });
  const admin = ["--admin", `127.0.0.1:${balancer.adminPort}`, "--admin-token", at(`${who}.token`)];
  try {
    await createProgram(runner, "0").parseAsync(["config", ...words, ...admin], { from: "user" });
  } finally {
    vi.restoreAllMocks();
  }
  return Number(process.exitCode);
}

it("reviews, freezes and audits a balancer that runs alone", async () => {
  expect(await config("bob", "apply", at("next.yaml"))).toBe(5);
  expect(out).toContain("needs the approval of a reviewer");
  expect(await config("bob", "propose", at("next.yaml"), "--reason", "more weight")).toBe(0);
  expect(out).toContain("proposal 1: more weight");
  expect(await config("ann", "proposal")).toBe(0);
  expect(out).toContain("weight: 2 }");
  expect(await config("bob", "approve", "1")).toBe(5);
  expect(await config("ann", "approve", "1")).toBe(0);
  expect([out.split("\n")[0], balancer.version]).toEqual(["version 2 is active", 2]);

  expect(await config("bob", "freeze", "--reason", "the sale", "--for", "1h")).toBe(0);
  expect(out).toMatch(/changes are frozen until \d{4}-/);
  expect(await config("ann", "thaw")).toBe(0);
  expect(await config("bob", "rollback", "1")).toBe(0);

  expect(await config("bob", "apply", at("next.yaml"), "--emergency", "--reason", "the shop is down")).toBe(
    0,
  );
  expect(balancer.version).toBe(4);
  expect(await config("ann", "audit")).toBe(4);
  expect(out).toContain("ADMIN_UNFINDABLE");

  expect(await config("ann", "log", "--verify")).toBe(0);
  expect(out).toMatch(/^\d+ lines, their chain is whole; head [0-9a-f]{32}\n$/);
  const log = at("lb.yaml.changes.ndjson");
  writeFileSync(log, readFileSync(log, "utf8").replace("the sale", "the fair"));
  expect(await config("ann", "log", "--verify", "--file", log)).toBe(4);
  expect(out).toContain("the line before it is not the one that was written");
});

it("is the same for a lab, with the codes of what is refused", async () => {
  const client = createAdminClient(`127.0.0.1:${balancer.adminPort}`, "bob-0123456789abcdef");
  expect(await client.apply(yaml(2), { author: "trainee", reason: "" })).toMatchObject({
    taken: false,
    code: "REVIEW_REQUIRED",
  });
  expect(await client.upstream({ do: "upstream drain", upstream: "web-1" })).toMatchObject({
    ok: false,
    code: "REVIEW_REQUIRED",
    message: expect.stringContaining("propose a configuration that has it") as unknown,
  });
  const emergency = { emergency: true, reason: "web-1 burns" };
  expect(
    await client.upstream({ do: "upstream weight", upstream: "web-1", weight: 3 }, emergency),
  ).toMatchObject({
    ok: true,
  });
  const guard = (step: GuardAction, until?: number) => client.guard(step, "trainee", until);
  const propose = { do: "config propose", yaml: yaml(2), reason: "more weight" } as const;
  expect(await guard({ ...propose, over: 7 })).toMatchObject({ ok: false, code: "CONFIG_CONFLICT" });
  expect(await guard({ ...propose, yaml: "pools: 1" })).toMatchObject({ ok: false, code: "CONFIG_INVALID" });
  expect(await guard(propose)).toMatchObject({ ok: true, message: "proposal 1 waits for a reviewer" });
  expect(await client.rollout()).toMatchObject({
    status: { review: "required" },
    canary: null,
    proposal: { id: 1, by: "bob", yaml: yaml(2), stale: false },
  });
  expect(await guard({ do: "config approve", proposal: "1" })).toMatchObject({
    ok: false,
    code: "FORBIDDEN",
  });
  expect(await guard({ do: "config reject", proposal: "1" })).toMatchObject({ ok: true });
  expect((await client.rollout())?.proposal).toBeNull();
  const until = Date.parse("2100-01-01T00:00:00Z");
  expect(await guard({ do: "config freeze", reason: "the sale" }, until)).toEqual({
    ok: true,
    message: "changes are frozen until 2100-01-01T00:00:00.000Z",
  });
  expect(await client.apply(yaml(3), { author: "trainee", reason: "" })).toMatchObject({ code: "FROZEN" });
  expect(await guard({ do: "config thaw" })).toMatchObject({ ok: true });
  expect(await client.audit()).toMatchObject({
    drift: ["upstream web-1 of pool web has weight 3, configured is 1"],
    fault: null,
  });
});

it("says what is missing, and what cannot be reached", async () => {
  expect(
    await config("bob", "freeze", "--reason", "x", "--for", "1h", "--until", "2030-01-01T00:00:00Z"),
  ).toBe(2);
  expect(await config("bob", "reject", "7")).toBe(2);
  await balancer.stop(0);
  expect(await config("bob", "thaw")).toBe(3);
});
