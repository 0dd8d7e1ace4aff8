import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { checkDocker } from "../../lab/cli/lab/doctor-docker.ts";
import { connectDocker } from "../../lab/world/docker/connect.ts";
import { pinnedTo } from "../../lab/world/docker/endpoint.ts";
import { labImage } from "../../lab/world/docker/lab-image.ts";
import { HOME_LABEL, RUN_LABEL } from "../../lab/world/docker/run-mark.ts";
import { fakeEngine } from "../support/fake-engine.ts";

const ROOT = join(import.meta.dirname, "..", "..");

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "lblab-engines-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
});

describe("where no engine is named", () => {
  it("a rootless one is found where the system's does not answer, and Compose is tied to it", async () => {
    const { path } = await fakeEngine();
    symlinkSync(path, join(dir, "docker.sock"));
    const environment = { XDG_RUNTIME_DIR: dir, HOME: dir };
    const { endpoint } = await connectDocker(environment, join(dir, "nobody.sock"));
    expect(endpoint.host).toBe(`unix://${join(dir, "docker.sock")}`);
    expect(pinnedTo(endpoint, environment)).toMatchObject({ DOCKER_HOST: endpoint.host });
  });

  it("the system's is taken where it answers", async () => {
    const [system, rootless] = [await fakeEngine(), await fakeEngine()];
    symlinkSync(rootless.path, join(dir, "docker.sock"));
    const { endpoint } = await connectDocker({ XDG_RUNTIME_DIR: dir, HOME: dir }, system.path);
    expect(endpoint.host).toBe(system.host);
    expect(rootless.requests).toEqual([]);
  });
});

describe("the doctor, on Docker", () => {
  const check = (host: string, wanted: boolean, environment: Record<string, string> = {}) =>
    checkDocker({
      environment: { PATH: dir, HOME: dir, DOCKER_HOST: host, ...environment },
      root: ROOT,
      wanted,
    });

  /** A Compose of version 2, as the plug-in of a `docker` without other commands. */
  function compose(): void {
    writeFileSync(join(dir, "docker"), "#!/bin/sh\necho 2.26.1\n");
    chmodSync(join(dir, "docker"), 0o755);
  }

  const engine = (containers: readonly unknown[] = []) =>
    fakeEngine({
      "/version": { Version: "26.1.5" },
      "/images/json": [
        { RepoTags: [labImage(ROOT), "prom/prometheus:v2.53.5"] },
        { RepoTags: ["outage-lab:0a0a0a0a0a0a"] },
        { RepoTags: null },
      ],
      "/containers/json": containers,
    });

  it("says that there is none, which blocks only a lab in containers", async () => {
    const nowhere = `unix://${join(dir, "no.sock")}`;
    expect(await check(nowhere, false)).toMatchObject({
      status: "ok",
      detail: "no Docker engine runs here; only --world docker needs it",
    });
    expect(await check(nowhere, true)).toMatchObject({
      status: "block",
      hint: expect.stringContaining("install and start Docker") as string,
    });
  });

  it("says which engine and which Compose, and what the first start has to build and to fetch", async () => {
    compose();
    const { host } = await engine();
    const { status, detail, hint } = await check(host, true);
    expect(status).toBe("ok");
    expect(detail).toContain(`engine 26.1.5 (${host}, by DOCKER_HOST), Compose 2.26.1`);
    expect(detail).toContain("the lab's image is built");
    expect(detail).toContain("fetch prom/alertmanager:v0.28.1, grafana/grafana-oss:11.6.5");
    expect(detail).toContain("1 images of other versions");
    expect(hint).toContain("docker image prune");
    expect((await check(host, true, { LBLAB_GRAFANA: "off" })).detail).not.toContain("grafana");
  });

  it("says that Compose is missing", async () => {
    const { host } = await engine();
    expect(await check(host, true)).toMatchObject({
      status: "block",
      detail: expect.stringContaining("no Docker Compose") as string,
    });
  });

  it("warns of containers whose lab has ended, not of a plain Compose's", async () => {
    compose();
    const { host } = await engine([
      { Labels: { [RUN_LABEL]: "r", [HOME_LABEL]: join(dir, "run/8080") } },
      { Labels: { [RUN_LABEL]: "compose" } },
    ]);
    expect(await check(host, false)).toMatchObject({
      status: "warn",
      detail: expect.stringContaining("1 containers of labs that have ended") as string,
      hint: expect.stringContaining("npx lblab down") as string,
    });
  });
});

describe("the image of the lab's programs", () => {
  /** What the image is built from, as far as the name is concerned. */
  function checkout(): string {
    const root = join(dir, "checkout");
    mkdirSync(join(root, "lab"), { recursive: true });
    cpSync(join(ROOT, "Dockerfile"), join(root, "Dockerfile"));
    writeFileSync(join(root, ".dockerignore"), "# what is built from\n*\n!lab\n");
    writeFileSync(join(root, "lab/a.ts"), "1");
    return root;
  }

  it("is another one when anything that it is built from is another, and the same otherwise", () => {
    const root = checkout();
    const before = labImage(root);
    expect(before).toMatch(/^outage-lab:[0-9a-f]{12}$/);
    writeFileSync(join(root, "README.md"), "not in it");
    expect(labImage(root)).toBe(before);
    for (const change of ["Dockerfile", "lab/a.ts", "lab/b.ts"]) {
      const known = labImage(root);
      writeFileSync(join(root, change), `changed ${change}`);
      expect(labImage(root), change).not.toBe(known);
    }
  });
});
