import { appendFileSync, chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startBalancer, type RunningBalancer } from "../../lb/process.ts";
import { systemClock } from "../../runtime/clock.ts";
import { silentLog } from "../../runtime/log.ts";
import { seeded } from "../../runtime/random.ts";
import { until } from "../support/until.ts";
import { deadUpstream, httpUpstream, type TestUpstream } from "../support/upstreams.ts";

const TOKENS = {
  admin: "admin-0123456789abcdef",
  ann: "ann-0123456789abcdef",
  bob: "bob-0123456789abcdef",
  eve: "eve-0123456789abcdef",
} as const;
type Who = keyof typeof TOKENS;

let directory: string;
let configPath: string;
let upstream: TestUpstream;
let balancer: RunningBalancer;

interface Changes {
  readonly weight?: number;
  readonly port?: number;
  readonly health?: boolean;
  readonly rollout?: string;
  readonly more?: string;
}

const yaml = ({ weight = 1, port = upstream.port, health = true, rollout = "{}", more = "" }: Changes = {}) =>
  `listeners: [{ name: public, bind: "127.0.0.1:0", routes: [{ path: /, pool: web }] }]
pools:
  web:
    policy: { type: round-robin }
${health ? "    health: { path: /, intervalMs: 60000 }\n" : ""}    retry: { attempts: 0 }
    upstreams: [{ name: web-1, address: "127.0.0.1:${port}", weight: ${weight} }]
admin:
  bind: "127.0.0.1:0"
  tokens:
    - { name: ann, role: reviewer, file: ann.token }
    - { name: bob, role: operator, file: bob.token }
    - { name: eve, role: viewer, file: eve.token }
rollout: ${rollout}
${more}`;

const start = (emergency?: string) =>
  startBalancer(
    { configPath, adminTokenPath: join(directory, "admin.token") },
    { clock: systemClock, random: seeded(1), log: silentLog, emergency },
  );
const serve = async (changes: Changes) => {
  writeFileSync(configPath, yaml(changes));
  balancer = await start();
};
const restart = async (emergency?: string) => {
  await balancer.stop(0);
  balancer = await start(emergency);
};

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "rollout-"));
  configPath = join(directory, "lb.yaml");
  for (const [name, token] of Object.entries(TOKENS))
    writeFileSync(join(directory, `${name}.token`), `${token}\n`, { mode: 0o600 });
  upstream = await httpUpstream((_request, response) => void response.end("hello"));
});
afterEach(async () => {
  await balancer.stop(0);
  await upstream.close();
  rmSync(directory, { recursive: true, force: true });
});

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly body: Record<string, unknown>;
  readonly error: { readonly code: string; readonly message: string; readonly findings?: readonly object[] };
}

async function ask(
  method: string,
  path: string,
  who?: Who,
  body?: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const answer = await fetch(`http://127.0.0.1:${balancer.adminPort}${path}`, {
    method,
    headers: {
      ...(who !== undefined && { authorization: `Bearer ${TOKENS[who]}` }),
      ...(body?.startsWith("{") === true && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body }),
  });
  const text = await answer.text();
  const json = (answer.headers.get("content-type") ?? "").startsWith("application/json")
    ? (JSON.parse(text) as Record<string, unknown>)
    : {};
  return { status: answer.status, text, body: json, error: json["error"] as Answer["error"] };
}

const put = (changes: Changes, who: Who = "bob", headers: Record<string, string> = {}) =>
  ask("PUT", "/config", who, yaml(changes), headers);
const EMERGENCY = { "x-emergency": "true", "x-reason": "the shop is down" };
const metric = async (line: string) => (await ask("GET", "/metrics")).text.split("\n").includes(line);
const events = () =>
  readFileSync(`${configPath}.changes.ndjson`, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { event: string }).event);
const file = () => readFileSync(configPath, "utf8");

describe("enforcement of lint", () => {
  const rollout = "{ lint: { refuse: warnings, except: [ADMIN_UNFINDABLE] } }";

  it("refuses with the findings as data, and leaves the old configuration in force", async () => {
    await serve({ rollout });
    const refused = await put({ rollout, health: false });
    expect([refused.status, refused.error.code]).toEqual([422, "LINT_REFUSED"]);
    expect(refused.error.findings).toMatchObject([{ code: "NO_HEALTH_CHECK", severity: "warning", line: 4 }]);
    expect([balancer.version, file()]).toEqual([1, yaml({ rollout })]);
    expect(await metric('lb_config_refused_total{reason="lint"} 1')).toBe(true);
    expect(events()).toEqual(["began", "refused"]);
  });

  it("goes by the configuration in force: a push cannot turn it off for itself", async () => {
    await serve({ rollout });
    expect((await put({ health: false })).error.code).toBe("LINT_REFUSED");
    expect((await put({})).status).toBe(200);
    expect((await put({ health: false })).status).toBe(200);
  });

  it("lets an emergency pass, and says so in metrics, history and change log", async () => {
    await serve({ rollout });
    const without = await put({ rollout, health: false }, "bob", { "x-emergency": "true" });
    expect([without.status, without.error.code]).toEqual([400, "USAGE"]);
    const passed = await put({ rollout, health: false }, "bob", EMERGENCY);
    expect(passed.body).toMatchObject({ version: 2, author: "bob", emergency: true });
    expect(await metric('lb_config_emergencies_total{way="apply"} 1')).toBe(true);
    expect((await ask("GET", "/config/log")).text).toContain('"emergency":true');
  });

  it("refuses a first file, and not a second start with a file that has served", async () => {
    writeFileSync(configPath, yaml({ rollout, health: false }));
    await expect(start()).rejects.toMatchObject({ code: "LINT_REFUSED" });
    await serve({ rollout });
    await put({ rollout, health: false }, "bob", EMERGENCY);
    const { version } = balancer;
    await restart();
    expect([balancer.version, (await ask("GET", "/config")).text]).toEqual([
      version,
      yaml({ rollout, health: false }),
    ]);
  });
});

describe("a freeze", () => {
  it("refuses pushes, reloads and changes of upstreams, also after a restart, until it is thawed", async () => {
    await serve({});
    const frozen = await ask("POST", "/config/freeze", "bob", '{"reason":"the sale"}');
    expect(frozen.body).toMatchObject({ by: "bob", reason: "the sale" });
    await restart();
    expect((await put({ weight: 2 })).error).toMatchObject({
      code: "FROZEN",
      message: expect.stringContaining("the sale"),
    });
    expect((await ask("PATCH", "/upstreams/web-1", "bob", '{"weight":5}')).status).toBe(423);
    writeFileSync(configPath, yaml({ weight: 3 }));
    expect(await balancer.reload()).toBe(false);
    expect(await metric("lb_config_frozen 1")).toBe(true);
    expect(await metric('lb_config_refused_total{reason="frozen"} 3')).toBe(true);
    expect((await ask("POST", "/config/thaw", "ann", "{}")).status).toBe(200);
    expect(await balancer.reload()).toBe(true);
    expect(await metric("lb_config_frozen 0")).toBe(true);
  });

  it("lets the same file be read again, for its certificates, and what has baked be put back", async () => {
    await serve({});
    await put({ weight: 2 });
    await ask("POST", "/config/freeze", "bob", '{"reason":"the sale"}');
    expect(await balancer.reload()).toBe(true);
    expect((await ask("POST", "/config/rollback", "bob", '{"version":1}')).body).toMatchObject({
      restores: 1,
    });
    // The second has not baked.
    expect((await ask("POST", "/config/rollback", "bob", '{"version":2}')).error.code).toBe("FROZEN");
  });

  it("serves the last version at a start with an edited file, which stays as it is", async () => {
    await serve({});
    await put({ weight: 2 });
    await ask("POST", "/config/freeze", "bob", '{"reason":"the sale"}');
    writeFileSync(configPath, yaml({ weight: 7 }));
    await restart();
    expect((await ask("GET", "/config")).text).toBe(yaml({ weight: 2 }));
    expect(file()).toBe(yaml({ weight: 7 }));
    expect((await ask("POST", "/config/audit", "bob")).body["drift"]).toEqual([
      "the configuration file is not version 2, which is in force",
    ]);
    await restart("the owner says so");
    expect((await ask("GET", "/config")).text).toBe(yaml({ weight: 7 }));
    expect(events().at(-1)).toBe("applied");
  });

  it("needs a reason, a time that is not over, and somebody who may change things", async () => {
    await serve({});
    expect((await ask("POST", "/config/freeze", "bob", "{}")).status).toBe(400);
    const past = '{"reason":"x","until":"2020-01-01T00:00:00Z"}';
    expect((await ask("POST", "/config/freeze", "bob", past)).error.code).toBe("USAGE");
    expect((await ask("POST", "/config/freeze", "eve", '{"reason":"x"}')).status).toBe(403);
    expect((await ask("POST", "/config/freeze", undefined, '{"reason":"x"}')).status).toBe(401);
    expect((await ask("POST", "/config/thaw", "bob", "{}")).status).toBe(404);
  });
});

describe("review", () => {
  const rollout = "{ review: required }";
  const propose = (changes: Changes, who: Who = "bob") =>
    ask("POST", "/config/proposal", who, yaml({ rollout, ...changes }), { "x-reason": "more%20weight" });
  const approve = (id: number, who: Who) => ask("POST", `/config/proposal/${id}/approve`, who);

  it("puts a proposal in force when somebody else approves it, under both names", async () => {
    await serve({ rollout });
    for (const refused of [
      await put({ rollout, weight: 2 }, "ann"),
      await put({ rollout, weight: 2 }, "admin"),
      await ask("PATCH", "/upstreams/web-1", "bob", '{"state":"drain"}'),
    ])
      expect([refused.status, refused.error.code]).toEqual([403, "REVIEW_REQUIRED"]);
    expect((await propose({ weight: 2 })).body).toMatchObject({
      id: 1,
      by: "bob",
      over: 1,
      findings: expect.any(Array),
    });
    expect((await ask("GET", "/config/proposal/diff")).text).toContain("-    upstreams: [{ name: web-1");
    expect(await metric("lb_config_proposals 1")).toBe(true);
    expect((await approve(1, "bob")).error.code).toBe("FORBIDDEN");
    expect((await approve(1, "ann")).body).toMatchObject({
      version: 2,
      author: "bob",
      reason: "more weight",
      approvedBy: "ann",
    });
    expect(file()).toBe(yaml({ rollout, weight: 2 }));
    expect((await ask("GET", "/config/proposal")).status).toBe(404);
  });

  it("refuses an author's own approval", async () => {
    await serve({ rollout });
    await propose({ weight: 2 }, "ann");
    const own = await approve(1, "ann");
    expect([own.status, own.error.code, balancer.version]).toEqual([403, "OWN_APPROVAL", 1]);
    expect(await metric('lb_config_refused_total{reason="own"} 1')).toBe(true);
  });

  it("refuses a second proposal of somebody else's while one waits, and one that is stale", async () => {
    await serve({ rollout });
    await propose({ weight: 2 });
    expect((await propose({ weight: 3 }, "ann")).error.code).toBe("CONFIG_CONFLICT");
    await put({ rollout, weight: 9 }, "bob", EMERGENCY);
    expect((await ask("GET", "/config/proposal")).body).toMatchObject({ id: 1, stale: true });
    expect((await approve(1, "ann")).error.code).toBe("CONFIG_CONFLICT");
    expect((await propose({ weight: 3 }, "ann")).body).toMatchObject({ id: 2, over: 2 });
  });

  it("keeps a proposal over a restart, and ends it when it is rejected", async () => {
    await serve({ rollout });
    await propose({ weight: 2 });
    await restart();
    expect((await ask("GET", "/config/proposal")).body).toMatchObject({
      id: 1,
      yaml: yaml({ rollout, weight: 2 }),
    });
    expect((await ask("POST", "/config/proposal/1/reject", "ann")).status).toBe(200);
    expect((await approve(1, "ann")).status).toBe(404);
  });

  it("holds for the file, too: at a reload and at a start", async () => {
    await serve({ rollout });
    writeFileSync(configPath, yaml({ weight: 5 }));
    expect(await balancer.reload()).toBe(false);
    await restart();
    expect((await ask("GET", "/config")).text).toBe(yaml({ rollout }));
    // The edit is proposed as it is, and taken with an approval.
    expect((await ask("POST", "/config/proposal", "bob", file())).status).toBe(201);
    expect((await approve(1, "ann")).status).toBe(200);
    expect((await ask("GET", "/config")).text).toBe(yaml({ weight: 5 }));
  });

  it("is not passed by a text that cannot be applied, and not by a viewer", async () => {
    await serve({ rollout });
    expect((await ask("POST", "/config/proposal", "bob", "nothing: [")).status).toBe(422);
    expect((await propose({ weight: 2 }, "eve")).error.code).toBe("FORBIDDEN");
  });
});

describe("a viewer", () => {
  it("looks, validates texts and makes audits, and is refused everything else with the reason", async () => {
    await serve({});
    for (const path of ["/config", "/config/rollout", "/config/canary", "/config/history", "/pools"])
      expect((await ask("GET", path, "eve")).status).toBe(200);
    expect((await ask("POST", "/config/validate", "eve", yaml())).status).toBe(200);
    expect((await ask("POST", "/config/audit", "eve")).status).toBe(200);
    expect((await ask("POST", "/config/proposal", "bob", yaml({ weight: 2 }))).status).toBe(201);
    const body = '{"reason":"x"}';
    const changes = [
      ["PUT", "/config", yaml({ weight: 3 })],
      ["POST", "/config/proposal", yaml({ weight: 3 })],
      ["POST", "/config/canary?share=10%25", yaml({ weight: 3 })],
      ["POST", "/config/canary/promote"],
      ["POST", "/config/canary/abort"],
      ["POST", "/config/rollback", "{}"],
      ["POST", "/config/freeze", body],
      ["POST", "/config/thaw", body],
      ["POST", "/config/proposal/1/approve"],
      ["POST", "/config/proposal/1/reject"],
      ["PATCH", "/upstreams/web-1", '{"weight":3}'],
    ] as const;
    for (const [method, path, text] of changes) {
      const { status, error } = await ask(method, path, "eve", text);
      expect([method, path, status, error.code]).toEqual([method, path, 403, "FORBIDDEN"]);
      expect(error.message).toMatch(/^eve is (?:a viewer, and may not|no reviewer, and)/);
      const emergency = await ask(method, path, "eve", text, EMERGENCY);
      expect([path, emergency.status]).toEqual([path, 403]);
    }
    expect(balancer.version).toBe(1);
  });
});

describe("tokens of one's own", () => {
  it("are refused when a reviewer has somebody else's, at its place in the text", async () => {
    await serve({});
    writeFileSync(join(directory, "ann.token"), TOKENS.bob, { mode: 0o600 });
    const refused = await put({ weight: 2 });
    expect([refused.status, refused.error.code]).toEqual([422, "CONFIG_INVALID"]);
    expect(refused.text).toContain("bob has the same token as ann");
    expect(refused.text).not.toContain(TOKENS.bob);
    writeFileSync(join(directory, "ann.token"), TOKENS.admin, { mode: 0o600 });
    expect((await put({ weight: 2 })).text).toContain(
      "ann has the same token as whoever has the token of --admin-token",
    );
    await balancer.stop(0);
    await expect(start()).rejects.toThrow(/lb.yaml:11:.*admin.tokens\[0\].file: ann has the same token/);
  });

  it("are refused when others can read them, or they are missing", async () => {
    await serve({});
    chmodSync(join(directory, "bob.token"), 0o644);
    expect((await put({ weight: 2 }, "ann")).text).toContain("mode must be 0600");
    rmSync(join(directory, "bob.token"));
    expect((await put({ weight: 2 }, "ann")).status).toBe(422);
    // Those in force stay so.
    expect((await put({ weight: 2 }, "bob")).status).toBe(422);
  });

  it("let the shared token do what it did, and name the author of what is done with others", async () => {
    await serve({});
    expect((await put({ weight: 2 }, "admin", { "x-author": "zoe" })).body).toMatchObject({ author: "zoe" });
    expect((await put({ weight: 3 }, "bob", { "x-author": "zoe" })).body).toMatchObject({ author: "bob" });
    expect((await put({ weight: 4 }, "eve")).error.code).toBe("FORBIDDEN");
  });
});

describe("the environment", () => {
  it("refuses what is for another one, or for none", async () => {
    const production = "environment: production\n";
    await serve({ more: production });
    expect((await put({ more: "environment: staging\n" })).error).toMatchObject({
      code: "WRONG_ENVIRONMENT",
      message: "the configuration is for staging, and this balancer serves production",
    });
    expect((await put({})).error.code).toBe("WRONG_ENVIRONMENT");
    const headers = { "x-environment": "staging" };
    expect((await put({ weight: 2, more: production }, "bob", headers)).status).toBe(409);
    expect((await ask("PATCH", "/upstreams/web-1", "bob", '{"weight":5}', headers)).status).toBe(409);
    expect(
      (await put({ weight: 2, more: production }, "bob", { "x-environment": "production" })).status,
    ).toBe(200);
  });
});

describe("the watch", () => {
  const rollout =
    "{ watch: { bakeMs: 60000, intervalMs: 100, minRequests: 5, minFailures: 3, intervals: 1 } }";
  const front = () =>
    fetch(`http://127.0.0.1:${balancer.ports()["public"] ?? 0}/`).then(({ status }) => status);

  it("puts the last version that has baked in force again, freezes, and says so everywhere", async () => {
    await serve({ rollout });
    const dead = await deadUpstream();
    for (let i = 0; i < 20; i++) expect(await front()).toBe(200);
    await put({ rollout, port: dead.port });
    await until(async () => {
      await front();
      return balancer.version === 3;
    }, "the rollback");
    await until(() => metric("lb_config_frozen 1"), "the freeze");
    expect(await front()).toBe(200);
    expect(file()).toBe(yaml({ rollout }));
    expect(await metric('lb_config_automatic_rollbacks_total{result="done"} 1')).toBe(true);
    expect((await put({ rollout, port: dead.port })).error.code).toBe("FROZEN");
    expect(events()).toEqual(["began", "applied", "worse", "applied", "frozen", "refused"]);
    expect((await ask("GET", "/config/rollout")).body).toMatchObject({ version: 3, watching: 3 });
  });
});

describe("the watch beside a canary", () => {
  it("ends the canary before it puts a version back", async () => {
    const rollout = "{ watch: { bakeMs: 60000, intervalMs: 100, minRequests: 5, intervals: 1 } }";
    await serve({ rollout });
    const dead = await deadUpstream();
    const front = () => fetch(`http://127.0.0.1:${balancer.ports()["public"] ?? 0}/`);
    for (let i = 0; i < 20; i++) await front();
    await put({ rollout, port: dead.port });
    const canary = await ask(
      "POST",
      "/config/canary?share=50%&user=header:x-user",
      "bob",
      yaml({ rollout, weight: 2 }),
    );
    expect(canary.status).toBe(200);
    await until(async () => {
      await front();
      return balancer.version === 4;
    }, "the rollback");
    expect(file()).toBe(yaml({ rollout }));
    expect((await ask("GET", "/config/canary")).body).toMatchObject({
      canary: { ended: { by: "automatic-rollback" } },
    });
  });
});

describe("guards of a canary", () => {
  const rollout = "{ review: required }";

  it("hold at its start, and a reviewer approves one as a canary", async () => {
    await serve({ rollout });
    const next = yaml({ rollout, weight: 2 });
    expect((await ask("POST", "/config/canary?share=10%", "bob", next)).error.code).toBe("REVIEW_REQUIRED");
    await ask("POST", "/config/proposal", "bob", next);
    const approved = await ask("POST", "/config/proposal/1/approve?share=10%", "ann");
    expect(approved.body).toMatchObject({ version: 2, author: "bob", approvedBy: "ann", canary: "running" });
    await ask("POST", "/config/freeze", "bob", '{"reason":"the sale"}');
    expect((await ask("POST", "/config/canary/promote", "bob")).error.code).toBe("FROZEN");
    expect((await ask("POST", "/config/canary/promote", "eve")).status).toBe(403);
    await ask("POST", "/config/thaw", "bob", "{}");
    expect((await ask("POST", "/config/canary/promote", "bob")).body).toMatchObject({
      version: 2,
      approvedBy: "ann",
    });
    expect((await ask("POST", "/config/audit", "bob")).body["drift"]).toEqual([]);
  });
});

describe("the change log", () => {
  it("shows where it was changed", async () => {
    await serve({});
    await put({ weight: 2 });
    const whole = await ask("GET", "/config/log/verify");
    expect(whole.body).toMatchObject({ lines: 2, whole: true, damage: null });
    const path = `${configPath}.changes.ndjson`;
    writeFileSync(path, readFileSync(path, "utf8").replace('"version":1', '"version":9'));
    expect((await ask("GET", "/config/log/verify")).body).toMatchObject({
      whole: false,
      damage: { line: 2 },
    });
    appendFileSync(path, '{"seq":3,"torn');
    expect((await ask("GET", "/config/log/verify")).body).toMatchObject({ torn: true });
  });

  it("is not written while nothing is guarded", async () => {
    writeFileSync(configPath, yaml({}).replace("rollout: {}\n", ""));
    balancer = await start();
    await put({ weight: 2 });
    expect((await ask("GET", "/config/log")).text).not.toContain('began","version":2');
  });
});

describe("an audit", () => {
  it("finds what runs and is not in the file, and what lint says of it", async () => {
    await serve({ health: false });
    await ask("PATCH", "/upstreams/web-1", "bob", '{"weight":5,"state":"drain"}');
    const { body } = await ask("POST", "/config/audit", "ann");
    expect(body["drift"]).toEqual([
      "upstream web-1 of pool web has weight 5, configured is 1",
      "upstream web-1 of pool web is set to drain, configured is ready",
    ]);
    expect(body["findings"]).toMatchObject([{ code: "NO_HEALTH_CHECK" }, { code: "ADMIN_UNFINDABLE" }]);
    expect(await metric('lb_config_audit_problems{kind="drift"} 2')).toBe(true);
    expect(events().at(-1)).toBe("audited");
  });
});
