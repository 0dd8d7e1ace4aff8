import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkConfig, type CheckDeps, type CheckFlags } from "../../lab/cli/balancer/check-config.ts";
import type { Output } from "../../lab/cli/output.ts";
import { servesFile } from "../../lab/cli/balancer/own-balancer.ts";
import { EXIT } from "../../runtime/errors.ts";
import { systemClock } from "../../runtime/clock.ts";
import { certificateFor } from "../support/certificates.ts";
import { until } from "../support/until.ts";
import { httpUpstream, stalledUpstream, type TestUpstream } from "../support/upstreams.ts";

let directory: string;
let upstream: TestUpstream;
let holder: Server;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "check-"));
  upstream = await httpUpstream((request, response) => {
    response.statusCode = request.url === "/healthz" ? 200 : 404;
    response.end();
  });
  holder = createServer().listen(0, "127.0.0.1");
  await until(() => holder.listening, "the holder of a port");
});
afterEach(async () => {
  holder.close();
  await upstream.close();
  rmSync(directory, { recursive: true, force: true });
});

const held = () => `127.0.0.1:${(holder.address() as AddressInfo).port}`;

/** Binds to port 0, which is always free. */
function yaml({ bind = "127.0.0.1:0", path = "/healthz", more = "", port = upstream.port } = {}): string {
  return `listeners:
  - name: public
    bind: "${bind}"
    routes: [{ path: /, pool: web }]
${more}pools:
  web:
    policy: { type: round-robin }
    health: { path: ${path}, timeoutMs: 200 }
    upstreams: [{ name: web-1, address: "127.0.0.1:${port}" }]
admin: { bind: "localhost:0" }
`;
}

async function check(text: string, flags: Partial<CheckFlags> = {}, deps: Partial<CheckDeps> = {}) {
  const config = join(directory, "lb.yaml");
  writeFileSync(config, text);
  const printed: { json: unknown; notes: string } = { json: undefined, notes: "" };
  const output: Output = {
    json: true,
    print() {},
    width: Infinity,
    printJson: (value) => void (printed.json = value),
    note: (line) => void (printed.notes += line),
    interactive: false,
  };
  const exit = await checkConfig({ config, ...flags }, { clock: systemClock, output, ...deps });
  const answer = printed.json as {
    ok: boolean;
    faults: { code: string; path: string; line: number; column: number; message: string }[];
    findings: { code: string; message: string }[];
  };
  return { exit, ...answer, codes: answer.findings.map(({ code }) => code) };
}

describe("a check of a configuration", () => {
  it("is OK with warnings", async () => {
    const { exit, ok, faults, codes } = await check(yaml());
    expect({ exit, ok, faults, codes }).toMatchObject({ exit: EXIT.ok, ok: true, faults: [] });
    expect(codes).toContain("ADMIN_UNFINDABLE");
  });

  it("refuses what is no configuration, with its place, and looks no further", async () => {
    const { exit, ok, faults } = await check(yaml().replace("round-robin", "rr"));
    expect({ exit, ok }).toEqual({ exit: EXIT.usage, ok: false });
    expect(faults).toMatchObject([{ code: "CONFIG_INVALID", line: 7, path: "pools.web.policy.type" }]);
    expect(upstream.accepted).toBe(0);
  });

  it("refuses an address that another program has, names that program, and exits as for a machine that is not ready", async () => {
    const { exit, ok, faults } = await check(yaml({ bind: held() }));
    expect({ exit, ok }).toEqual({ exit: EXIT.environment, ok: false });
    expect(faults).toMatchObject([{ code: "PORT_IN_USE", path: "listeners[0].bind", line: 3, column: 11 }]);
    expect(faults[0]?.message).toContain(`(pid ${process.pid}) has it`);
  });

  it("does not mind an address that the running balancer has, which this configuration is for", async () => {
    const running = async () => ({ pid: process.pid, yaml: yaml() });
    expect((await check(yaml({ bind: held() }), {}, { running })).exit).toBe(EXIT.ok);
    const other = async () => ({ pid: 1, yaml: yaml() });
    expect((await check(yaml({ bind: held() }), {}, { running: other })).exit).toBe(EXIT.environment);
    expect((await check(yaml({ bind: held() }), {}, { serves: () => true })).exit).toBe(EXIT.ok);
    expect((await check(yaml({ bind: held() }), {}, { serves: servesFile })).exit).toBe(EXIT.environment);
  });

  it("releases every address again", async () => {
    const bind = held();
    await new Promise((resolve) => holder.close(resolve));
    for (let i = 0; i < 3; i++) expect((await check(yaml({ bind }))).exit).toBe(EXIT.ok);
  });

  it("requests the path of health checks, unless --no-probe is given", async () => {
    const wrong = yaml({ path: "/nothing" });
    expect((await check(wrong)).codes).toContain("CHECK_PATH_FAILS");
    expect((await check(wrong, { probe: false })).codes).not.toContain("CHECK_PATH_FAILS");
    expect((await check(yaml())).codes).not.toContain("CHECK_PATH_FAILS");
  });

  it("reads how long an upstream keeps its connections", async () => {
    // node's own default is 5 s.
    expect((await check(yaml())).codes).toContain("KEEP_ALIVE_SHORTER");
  });

  it("does not wait for an upstream that never answers", async () => {
    const stalled = await stalledUpstream();
    const { findings } = await check(yaml({ port: stalled.port }));
    expect(findings.find(({ code }) => code === "CHECK_PATH_FAILS")?.message).toContain(
      "no answer in 200 ms",
    );
    await stalled.close();
  });

  it("compares with the file it is to replace, else with what the running balancer has", async () => {
    const large = yaml().replace(
      /upstreams: .*/,
      `upstreams: [${[1, 2, 3].map((i) => `{ name: w${i}, address: "h:${i}" }`).join(", ")}]`,
    );
    const against = join(directory, "old.yaml");
    writeFileSync(against, large);
    expect((await check(yaml(), { against })).codes).toContain("POOL_SHRINKS");
    const running = async () => ({ pid: undefined, yaml: large });
    expect((await check(yaml(), {}, { running })).codes).toContain("POOL_SHRINKS");
    expect((await check(yaml())).codes).not.toContain("POOL_SHRINKS");
  });

  it("reads certificates, and fails for one that has expired or has another key", async () => {
    const old = await certificateFor(["a.test"], { days: -0.5 });
    const other = await certificateFor(["a.test"]);
    writeFileSync(join(directory, "a.crt"), old.cert);
    writeFileSync(join(directory, "a.key"), old.key);
    writeFileSync(join(directory, "b.key"), other.key);
    const expired = await check(yaml({ more: "    tls: { cert: a.crt, key: a.key }\n" }));
    expect(expired).toMatchObject({ exit: EXIT.usage, ok: false, faults: [] });
    expect(expired.codes).toContain("CERTIFICATE_EXPIRED");
    const { exit, faults } = await check(yaml({ more: "    tls: { cert: a.crt, key: b.key }\n" }));
    expect(exit).toBe(EXIT.usage);
    expect(faults).toMatchObject([{ code: "CONFIG_INVALID", path: "listeners[0].tls.key", line: 5 }]);
  });
});

it.each([
  ["in a folder that is not there", "nowhere/access.log", "ENOENT"],
  ["that is a folder", ".", "is a directory"],
])("refuses an access log %s", async (_what, path, why) => {
  const { exit, faults } = await check(yaml({ more: `accessLog: { path: ${path} }\n` }));
  expect(exit).toBe(EXIT.usage);
  expect(faults).toMatchObject([{ code: "CONFIG_INVALID", path: "accessLog.path", line: 5 }]);
  expect(faults[0]?.message).toContain(why);
});

it("makes no access log of its own while it checks", async () => {
  expect((await check(yaml({ more: "accessLog: { path: access.log }\n" }))).exit).toBe(EXIT.ok);
  expect(existsSync(join(directory, "access.log"))).toBe(false);
});
