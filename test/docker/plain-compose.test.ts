import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import Docker from "dockerode";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  composeProgram,
  dockerEnvironment,
  hasDocker,
  labContainers,
  unitContainers,
} from "../support/docker.ts";
import { until } from "../support/until.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const run = promisify(execFile);
const there = await hasDocker();

/** Ports that no lab and no other program of this machine has. */
const PORTS = { LBLAB_PORT_SHOP: "18080", LBLAB_PORT_PROMETHEUS: "19090" };
const SHOP = `http://127.0.0.1:${PORTS.LBLAB_PORT_SHOP}/`;
const PROMETHEUS = `http://127.0.0.1:${PORTS.LBLAB_PORT_PROMETHEUS}`;

const [program, ...prefix] = composeProgram();
const compose = (...args: readonly string[]) =>
  run(program, [...prefix, "-p", "lblab-plain", ...args], {
    cwd: ROOT,
    env: { ...process.env, ...dockerEnvironment(), ...PORTS },
    maxBuffer: 64 * 2 ** 20,
  });

// A published port accepts before anything listens behind it, and then nothing comes.
const ask = (url: string) => fetch(url, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
const answers = async <T>(url: string): Promise<T> =>
  (await ask(url))?.json().catch(() => undefined) as Promise<T>;
const shopAnswers = async (): Promise<boolean> => (await ask(SHOP))?.status === 200;

async function volumes(): Promise<number> {
  return (await new Docker().listVolumes()).Volumes.length;
}

/** The result of the container's own health check now, without waiting for its turn. */
async function isWell(unit: string): Promise<boolean> {
  const [container] = await unitContainers(unit);
  const { Config: config } = (await container?.inspect()) ?? {};
  const [, ...command] =
    (config as { Healthcheck?: { Test: string[] } } | undefined)?.Healthcheck?.Test ?? [];
  const exec = await container?.exec({ Cmd: command });
  await exec?.start({ Detach: true });
  const { ExitCode: code } = await until(
    async () => {
      const state = await exec?.inspect();
      return state?.Running === false ? state : undefined;
    },
    "the health check to end",
    15_000,
  );
  return code === 0;
}

describe.skipIf(!there)("a plain Compose", () => {
  it("starts the shop without Grafana, every container healthy and watched, outlives restarts, and leaves nothing", async () => {
    const before = await volumes();
    onTestFinished(async () => void (await compose("down", "--timeout", "2", "--volumes").catch(() => {})));
    await compose("up", "--detach");
    expect(await unitContainers("grafana")).toEqual([]);
    await until(shopAnswers, "the shop to answer", 60_000);
    const up = async (): Promise<number> => {
      type Answer = { data?: { result: readonly { value: readonly [number, string] }[] } } | undefined;
      const query = await answers<Answer>(`${PROMETHEUS}/api/v1/query?query=count(up==1)`);
      return Number(query?.data?.result[0]?.value[1] ?? 0);
    };
    await until(async () => (await up()) >= 9, "Prometheus to have scraped everything", 60_000);
    const { data } = await answers<{ data: { groups: readonly { name: string }[] } }>(
      `${PROMETHEUS}/api/v1/rules`,
    );
    expect(data.groups.map(({ name }) => name).sort()).toEqual(["causes", "symptoms"]);
    for (const unit of [
      "host",
      "balancer",
      "web-1",
      "database",
      "probe",
      "relay",
      "prometheus",
      "alertmanager",
    ])
      expect(await isWell(unit), unit).toBe(true);

    // What an earlier start left of a directory in memory, the next one must be able to write to.
    for (const unit of ["balancer", "prometheus", "alertmanager"])
      for (const container of await unitContainers(unit)) await container.restart({ t: 2 });
    await until(shopAnswers, "the shop to answer after a restart", 60_000);
    await until(async () => (await up()) >= 9, "Prometheus to be back", 60_000);

    // Its machine's network is not the one that it is in any more.
    for (const container of await unitContainers("host")) await container.restart({ t: 0 });
    expect(await isWell("balancer")).toBe(false);

    await compose("down", "--timeout", "2");
    expect(await labContainers()).toEqual([]);
    expect(await volumes()).toBe(before);
  });
});

describe.skipIf(!there)("the lab's image", () => {
  it("has the whole lab in it, which runs as any user on a file system that cannot be written", async () => {
    const docker = new Docker();
    const container = await docker.createContainer({
      Image: process.env["LAB_IMAGE"] ?? "",
      Cmd: ["dist/lab/cli/main.js", "up", "--foreground"],
      User: "4711:4711",
      HostConfig: { ReadonlyRootfs: true, Tmpfs: { "/tmp": "" } },
    });
    onTestFinished(() => container.remove({ force: true }));
    await container.start();
    const output = async (): Promise<string> =>
      (await container.logs({ stdout: true, stderr: true })).toString("utf8");
    await until(
      async () => (await output()).includes("the lab is up"),
      "the lab in a container to be up",
      60_000,
    );
    const scenarios = await run("docker", [
      "exec",
      container.id,
      "node",
      "dist/lab/cli/main.js",
      "scenarios",
      "--json",
    ]);
    expect(scenarios.stdout).toContain("juniper");
    await container.stop({ t: 10 });
    expect((await container.inspect()).State.ExitCode).toBe(130);
  });

  it("has neither types nor maps nor tests in it, and no dist/ of this machine", async () => {
    const dir = mkdtempSync(join(tmpdir(), "lblab-image-"));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const { stdout } = await run(
      "docker",
      [
        "run",
        "--rm",
        process.env["LAB_IMAGE"] ?? "",
        "-e",
        "console.log(require('fs').readdirSync('.', { recursive: true }).join('\\n'))",
      ],
      { maxBuffer: 64 * 2 ** 20 },
    );
    const files = stdout.split("\n");
    expect(
      files.filter((name) => /\.map$|\.d\.[cm]?ts$|^test\/|^dist\/(test|bench)\/|\/@types\//.test(name)),
    ).toEqual([]);
    expect(files).toEqual(
      expect.arrayContaining([
        "dist/lab/cli/main.js",
        "dashboards/alertmanager.yml",
        "scenarios/single-server/brief.md",
      ]),
    );
  });
});
