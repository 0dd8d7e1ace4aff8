import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import Docker from "dockerode";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import type { Result } from "../../lab/drill/result.ts";
import { UNIT_LABEL } from "../../lab/world/docker/compose-file.ts";
import { spawnLblab } from "../support/command.ts";
import {
  composeProgram,
  dockerEnvironment,
  hasDocker,
  labContainers,
  labNetworks,
} from "../support/docker.ts";
import { freeBase } from "../support/live-lab.ts";
import { until } from "../support/until.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const run = promisify(execFile);
const there = await hasDocker();

let home: string;
let base: number;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), "lblab-docker-"));
  base = await freeBase();
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const lblab = (args: readonly string[], environment: NodeJS.ProcessEnv = dockerEnvironment()) =>
  spawnLblab(["--dir", home, "--port-base", String(base), ...args], environment);

describe.skipIf(!there)("a lab in containers", () => {
  it.each([["overture"], ["lantern"]])(
    "has the incident %s in its bands, pages by rule, is solved by the responder, and leaves nothing behind",
    async (alias) => {
      const { code, out, err } = await lblab(["start", alias, "--auto", "--world", "docker", "--json"]).end(
        380_000,
      );
      const { incidents } = JSON.parse(out) as { incidents: readonly Result[] };
      expect(incidents[0], err).toMatchObject({
        alias,
        inBand: true,
        check: "OK",
        durable: true,
        diagnosis: { correct: true },
        alerts: { falsePages: [] },
      });
      expect(incidents[0]?.alerts.secondsFromFirstFailure).not.toBeNull();
      expect(code).toBe(0);
      expect(await labContainers()).toEqual([]);
      expect(await labNetworks()).toEqual([]);
    },
  );

  /** A container that could be taken for the lab's by its name; removed when the test is over. */
  async function stranger(): Promise<Docker.Container> {
    const container = await new Docker().createContainer({
      Image: process.env["LAB_IMAGE"] ?? "outage-lab",
      name: `lblab-${base}-stranger_web-1_1`,
      Cmd: ["-e", "setInterval(() => {}, 1e9)"],
    });
    onTestFinished(() => container.remove({ force: true }));
    await container.start();
    return container;
  }

  async function killedLab(): Promise<void> {
    const lab = lblab(["up", "--foreground", "--world", "docker"]);
    await until(() => lab.err.includes("the lab is up"), "the lab to be up", 120_000);
    lab.signal("SIGKILL");
    await lab.end();
    expect((await labContainers()).length).toBeGreaterThan(8);
  }

  it("that was killed is cleared away by the next one, which touches nothing else", async () => {
    const other = await stranger();
    await killedLab();
    const next = lblab(["up", "--foreground", "--world", "docker"]);
    await until(() => next.err.includes("the lab is up"), "the next lab to be up", 120_000);
    expect(next.err).toContain("left by an earlier lab");
    next.signal("SIGINT");
    expect((await next.end(60_000)).code).toBe(130);
    expect(await labContainers()).toEqual([]);
    expect(await labNetworks()).toEqual([]);
    expect((await other.inspect()).State.Running).toBe(true);
  });

  it("that was killed is cleared away by `down`, which touches nothing else", async () => {
    const other = await stranger();
    await killedLab();
    expect(await lblab(["down"]).end(60_000)).toMatchObject({ code: 0 });
    expect(await labContainers()).toEqual([]);
    expect(await labNetworks()).toEqual([]);
    expect((await other.inspect()).State.Running).toBe(true);
    const { code, err } = await lblab(["down"]).end();
    expect({ code, err }).toMatchObject({ code: 3, err: expect.stringContaining("no lab runs") as string });
  });

  it("that is ended while its containers are made leaves none of them", async () => {
    const lab = lblab(["up", "--foreground", "--world", "docker"]);
    await until(async () => (await labContainers()).length > 0, "the first container", 60_000);
    lab.signal("SIGINT");
    expect((await lab.end(60_000)).code).toBe(130);
    expect(await labContainers()).toEqual([]);
    expect(await labNetworks()).toEqual([]);
  });

  it("goes up and down in the background", async () => {
    const { code, err } = await lblab(["up", "--world", "docker"]).end(120_000);
    expect(code, err).toBe(0);
    expect(await lblab(["down"]).end(60_000)).toMatchObject({ code: 0 });
    expect(await labContainers()).toEqual([]);
  });

  it("that nobody watches any more voids its drill and says why, and leaves nothing behind", async () => {
    const drill = lblab(["start", "lantern", "--world", "docker"]);
    await until(() => drill.err.includes("steady") || drill.out.includes("steady"), "steady state", 180_000);
    const docker = new Docker();
    const watching = await docker.listContainers({ filters: { label: [`${UNIT_LABEL}=prometheus`] } });
    for (const { Id: id } of watching) await docker.getContainer(id).kill();
    const { code, err } = await drill.end(120_000);
    expect(code, err).toBe(5);
    expect(err).toContain("have not answered for 15 s");
    expect(await labContainers()).toEqual([]);
  });

  it("is started by a plain Compose, watched by its Prometheus, and taken down", async () => {
    const [program, ...prefix] = composeProgram();
    const compose = (...args: readonly string[]) =>
      run(program, [...prefix, "-p", "lblab-plain", ...args], {
        cwd: ROOT,
        env: { ...process.env, ...dockerEnvironment() },
      });
    try {
      const { stdout } = await compose("config", "--services");
      const services = stdout.split("\n").filter((name) => name !== "" && name !== "grafana");
      expect(services).toEqual(expect.arrayContaining(["balancer", "web-5", "load", "prometheus"]));
      await compose("up", "--detach", ...services);
      // A published port accepts before anybody listens behind it, and then nothing comes.
      const ask = (url: string) => fetch(url, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
      const answers = async (url: string): Promise<unknown> =>
        (await ask(url))?.json().catch(() => undefined);
      await until(
        async () => (await ask("http://127.0.0.1:8080/"))?.status === 200,
        "the shop to answer",
        60_000,
      );
      await until(
        async () => {
          const { data } = (await answers("http://127.0.0.1:9090/api/v1/query?query=count(up==1)")) as {
            data?: { result: readonly { value: readonly [number, string] }[] };
          };
          return Number(data?.result[0]?.value[1] ?? 0) >= 9;
        },
        "Prometheus to have scraped everything",
        60_000,
      );
      const { data } = (await answers("http://127.0.0.1:9090/api/v1/rules")) as {
        data: { groups: readonly { name: string }[] };
      };
      expect(data.groups.map(({ name }) => name).sort()).toEqual(["causes", "symptoms"]);
    } finally {
      await compose("down", "--timeout", "2");
    }
    expect(await labContainers()).toEqual([]);
  });
});

describe("without an engine of this machine", () => {
  it("says what to do, and starts nothing", async () => {
    const { code, err } = await lblab(["start", "lantern", "--world", "docker"], {
      DOCKER_HOST: `unix://${join(home, "no.sock")}`,
    }).end();
    expect(code).toBe(3);
    expect(err).toContain("no Docker engine runs here");
    expect(err).toContain("--world docker");
  });

  it("refuses another machine's unless told", async () => {
    const { code, err } = await lblab(["up", "--foreground", "--world", "docker"], {
      DOCKER_HOST: "tcp://203.0.113.7:2375",
    }).end();
    expect(code).toBe(3);
    expect(err).toContain("LBLAB_DOCKER_REMOTE=1");
  });
});
