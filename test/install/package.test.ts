import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { Result } from "../../lab/drill/result.ts";
import { installedCommand, type Ended } from "../support/command.ts";
import { freeBase } from "../support/live-lab.ts";
import { freePort } from "../support/real-prometheus.ts";
import { until } from "../support/until.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { readonly version: string };
const TARBALL = join(ROOT, `outage-lab-${manifest.version}.tgz`);

/** An empty folder of somebody who has no checkout, and installs the package without a network. */
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lblab-install-"));
  writeFileSync(join(folder, "package.json"), '{ "name": "of-somebody", "private": true, "type": "module" }');
  execFileSync("npm", ["install", "--offline", "--no-audit", "--no-fund", TARBALL], {
    cwd: folder,
    env: { ...process.env, npm_config_cache: join(folder, "cache") },
    stdio: ["ignore", "ignore", "inherit"],
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const spawnThere = (...args: readonly string[]) =>
  installedCommand(join(folder, "node_modules", ".bin", "lblab"), args, folder);
const lblab = (...args: readonly string[]): Promise<Ended> => spawnThere(...args).end(120_000);

describe("the package, installed from its tarball into an empty folder", () => {
  it("is one package that brings all that it needs, for every platform", () => {
    const found = readdirSync(join(folder, "node_modules")).filter((name) => !name.startsWith("."));
    expect(found).toEqual(["outage-lab"]);
    const files = readdirSync(join(folder, "node_modules"), { recursive: true, encoding: "utf8" });
    expect(files.filter((name) => /\.node$|binding\.gyp$/.test(name))).toEqual([]);
    // Neither what tests or measures it, nor what makes it.
    expect(
      files.filter((name) => /outage-lab\/(test|bench|dist\/(test|bench|package\/pack))\//.test(name)),
    ).toEqual([]);
    const top = readdirSync(join(folder, "node_modules/outage-lab"));
    expect(top).toEqual(
      expect.arrayContaining(["LICENSE", "README.md", "CHANGELOG.md", "npm-shrinkwrap.json"]),
    );
  });

  it("has its command where npx finds it", () => {
    const said = execFileSync("npx", ["--offline", "lblab", "--version"], {
      cwd: folder,
      encoding: "utf8",
    });
    expect(said.trim()).toBe(manifest.version);
  });

  it("is whole, says its doctor", async () => {
    const { out } = await lblab("doctor", "--json", "--port-base", String(await freeBase()));
    const { checks } = JSON.parse(out) as { checks: readonly { name: string; status: string }[] };
    expect(checks.find(({ name }) => name === "parts")).toMatchObject({ status: "ok" });
  });

  it("simulates an incident as the checkout does", async () => {
    const asked = ["simulate", "lantern", "--pace", "drill", "--responder", "ideal", "--json"];
    const { code, out, err } = await lblab(...asked);
    expect(code, err).toBe(0);
    const there = JSON.parse(out) as { readonly digest: string };
    const here = await installedCommand(join(ROOT, "dist/lab/cli/main.js"), asked, ROOT).end(120_000);
    expect(there.digest).toBe((JSON.parse(here.out) as { readonly digest: string }).digest);
  });

  it("writes a scenario that keeps the contract", async () => {
    expect(await lblab("scenario", "new", "tried")).toMatchObject({ code: 0 });
    const { code, out, err } = await lblab("scenario", "test", "./tried", "--seeds", "1");
    expect(code, err + out).toBe(0);
  });

  it("balances, alone", async () => {
    const origin = createServer((_request, response) => void response.end("from the origin"));
    origin.listen(0, "127.0.0.1");
    onTestFinished(() => void origin.close());
    await once(origin, "listening");
    const { port } = origin.address() as { readonly port: number };
    const listener = await freePort();
    writeFileSync(
      join(folder, "balancer.yaml"),
      `admin: { bind: 127.0.0.1:${await freePort()} }
listeners: [{ name: public, bind: 127.0.0.1:${listener}, routes: [{ path: /, pool: web }] }]
pools: { web: { policy: { type: round-robin }, upstreams: [{ name: web-1, address: 127.0.0.1:${port} }] } }
`,
    );
    const balancer = spawnThere("balancer", "--config", "balancer.yaml");
    const answer = await until(
      () =>
        fetch(`http://127.0.0.1:${listener}/`).then(
          (response) => response.text(),
          () => undefined,
        ),
      "the balancer to answer",
      20_000,
    );
    expect(answer).toBe("from the origin");
    balancer.signal("SIGTERM");
    await balancer.end();
  });

  it("serves the console, with its worker", async () => {
    const port = await freePort();
    const served = spawnThere("console", "--port", String(port));
    const page = await until(
      () =>
        fetch(`http://127.0.0.1:${port}/`).then(
          (response) => response.text(),
          () => undefined,
        ),
      "the console to answer",
      20_000,
    );
    const script = /src="\.(\/assets\/[^"]+\.js)"/.exec(page)?.[1] ?? "";
    const shell = await (await fetch(`http://127.0.0.1:${port}${script}`)).text();
    const worker =
      /assets\/worker-[\w-]+\.js|worker-[\w-]+\.js/.exec(shell)?.[0].replace("assets/", "") ?? "";
    expect((await fetch(`http://127.0.0.1:${port}/assets/${worker}`)).status).toBe(200);
    served.signal("SIGINT");
    expect((await served.end()).code).toBe(130);
  });

  it("lives through an incident", async () => {
    const base = String(await freeBase());
    const drill = spawnThere("start", "lantern", "--auto", "--json", "--port-base", base);
    const { code, out, err } = await drill.end(300_000);
    expect(code, err + out).toBe(0);
    const { incidents } = JSON.parse(out) as { readonly incidents: readonly Result[] };
    expect(incidents[0]).toMatchObject({ alias: "lantern", check: "OK", durable: true });
  });
});

describe("its types", () => {
  /** What a compiler of somebody else's says of a file, with no types but the package's. */
  function compiled(name: string, text: string): string {
    const dir = join(folder, "types", name);
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, "scenario.ts"), text);
    const options = { strict: true, noEmit: true, module: "nodenext", skipLibCheck: false, types: [] };
    writeFileSync(
      join(dir, "tsconfig.json"),
      JSON.stringify({ compilerOptions: options, files: ["scenario.ts"] }),
    );
    try {
      execFileSync(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", dir], {
        encoding: "utf8",
      });
      return "";
    } catch (error) {
      return (error as { readonly stdout: string }).stdout;
    }
  }
  const skeleton = readFileSync(join(ROOT, "lab/contract/skeleton/scenario.ts"), "utf8");

  it("let a scenario of one's own through", () => {
    expect(compiled("right", skeleton)).toBe("");
  });

  it.each([
    ["a field that is not there", "slots: 8", "slotts: 8", "'slotts'"],
    ["a figure as a text", "recoveryMs: 45_000", 'recoveryMs: "45 s"', "'number'"],
    ["a scope that is none", '"some-requests"', '"some-request"', "some-request"],
    ["a part that is missing", 'hints: ["Who', 'hint: ["Who', "hint"],
  ])("refuse %s", (_, from, to, named) => {
    const changed = skeleton.replace(from, to);
    expect(changed).not.toBe(skeleton);
    const said = compiled("wrong", changed);
    expect(said).toMatch(/scenario\.ts\(\d+,\d+\): error/);
    expect(said).toContain(named);
  });

  it("let a policy of one's own through, and refuse one that picks something else", () => {
    const policy = (pick: string): string => `
      import type { Candidate, Policy, PolicyDeps } from "outage-lab/policy";
      export const create = <C extends Candidate>({ candidates }: PolicyDeps<C>): Policy<C> => ({
        pins: false,
        pick: (_request, avoid) => ${pick},
      });`;
    expect(compiled("policy", policy("candidates.find((one) => !avoid.has(one))"))).toBe("");
    expect(compiled("policy", policy("candidates[0]?.name"))).toContain("error");
  });
});
