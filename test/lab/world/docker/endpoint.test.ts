import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, it, onTestFinished } from "vitest";
import { connectDocker } from "../../../../lab/world/docker/connect.ts";
import { dockerEndpoints, pinnedTo } from "../../../../lab/world/docker/endpoint.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "lblab-docker-home-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
});

/** As `docker context create` keeps it. */
function context(name: string, host: string, { tls = false } = {}): string {
  const digest = createHash("sha256").update(name).digest("hex");
  const meta = join(home, ".docker/contexts/meta", digest);
  mkdirSync(meta, { recursive: true });
  writeFileSync(
    join(meta, "meta.json"),
    JSON.stringify({ Name: name, Endpoints: { docker: { Host: host } } }),
  );
  const certPath = join(home, ".docker/contexts/tls", digest, "docker");
  if (tls) mkdirSync(certPath, { recursive: true });
  return certPath;
}

function use(name: string): void {
  mkdirSync(join(home, ".docker"), { recursive: true });
  writeFileSync(join(home, ".docker/config.json"), JSON.stringify({ currentContext: name }));
}

function socket(path: string): string {
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, "");
  return `unix://${path}`;
}

const hosts = (environment: Record<string, string> = {}): readonly string[] =>
  dockerEndpoints({ HOME: home, ...environment }).map(({ host }) => host);

it("DOCKER_HOST goes before DOCKER_CONTEXT, and that before the current context, as Docker's own command line has it", () => {
  context("one", "unix:///run/one.sock");
  context("two", "unix:///run/two.sock");
  use("two");
  expect(hosts()).toEqual(["unix:///run/two.sock"]);
  expect(hosts({ DOCKER_CONTEXT: "one" })).toEqual(["unix:///run/one.sock"]);
  expect(hosts({ DOCKER_CONTEXT: "one", DOCKER_HOST: "unix:///run/x.sock" })).toEqual(["unix:///run/x.sock"]);
  expect(hosts({ DOCKER_HOST: "", DOCKER_CONTEXT: "" })).toEqual(["unix:///run/two.sock"]);
});

it("the configuration is looked for where DOCKER_CONFIG says", () => {
  context("one", "unix:///run/one.sock");
  use("one");
  expect(hosts({ HOME: "/nowhere", DOCKER_CONFIG: join(home, ".docker") })).toEqual(["unix:///run/one.sock"]);
});

it("where nothing names an engine the system's socket comes first, then those of rootless engines that are there", () => {
  const rootless = socket(join(home, "runtime/docker.sock"));
  const desktop = socket(join(home, ".docker/desktop/docker.sock"));
  const environment = { XDG_RUNTIME_DIR: join(home, "runtime") };
  expect(hosts(environment)).toEqual(["unix:///var/run/docker.sock", rootless, desktop]);
  use("default");
  expect(hosts(environment)).toEqual(["unix:///var/run/docker.sock", rootless, desktop]);
});

it("a context that does not exist is refused by its name, never replaced", () => {
  expect(() => hosts({ DOCKER_CONTEXT: "gone" })).toThrow('"gone" names no engine');
});

it("Compose is tied to the same engine, with the context's certificates", () => {
  const certPath = context("far", "tcp://198.51.100.7:2376", { tls: true });
  const environment = { HOME: home, DOCKER_CONTEXT: "far" };
  const [endpoint] = dockerEndpoints(environment);
  expect(endpoint).toMatchObject({ host: "tcp://198.51.100.7:2376", certPath });
  expect(endpoint && pinnedTo(endpoint, environment)).toEqual({
    HOME: home,
    DOCKER_CONTEXT: undefined,
    DOCKER_HOST: "tcp://198.51.100.7:2376",
    DOCKER_TLS_VERIFY: "1",
    DOCKER_CERT_PATH: certPath,
  });
});

const REMOTE = [
  "tcp://10.0.0.5:2375",
  "ssh://somebody@elsewhere",
  "http://10.0.0.5:2375",
  "npipe:////./pipe/x",
];

it.each(REMOTE)("the engine at %s is refused before any request, whatever names it", async (host) => {
  context("far", host);
  const refusal = { code: "ENVIRONMENT", hint: expect.stringContaining("LBLAB_DOCKER_REMOTE=1") as string };
  await expect(connectDocker({ HOME: home, DOCKER_HOST: host })).rejects.toMatchObject(refusal);
  await expect(connectDocker({ HOME: home, DOCKER_CONTEXT: "far" })).rejects.toMatchObject(refusal);
  use("far");
  await expect(connectDocker({ HOME: home })).rejects.toMatchObject(refusal);
});
