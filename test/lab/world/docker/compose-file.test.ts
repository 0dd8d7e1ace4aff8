import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { composeFiles } from "../../../../lab/world/docker/committed.ts";
import { composeFile, HOME_LABEL, RUN_LABEL } from "../../../../lab/world/docker/compose-file.ts";
import { dockerIgnore, type PackageLock } from "../../../../lab/world/docker/docker-ignore.ts";
import { composeUnits } from "../../../../lab/world/docker/stack.ts";
import { portPlan } from "../../../../lab/world/live/ports.ts";
import { relocate } from "../../../../lab/world/relocate.ts";
import { SCENARIOS } from "../../../../scenarios/index.ts";

const ROOT = join(import.meta.dirname, "../../../..");
const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as PackageLock;

interface Service {
  readonly image?: string;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly profiles?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly restart?: string;
  readonly mem_limit?: number;
  readonly cpus?: number;
  readonly pids_limit?: number;
  readonly healthcheck?: object;
  readonly logging?: { readonly options: Readonly<Record<string, string>> };
  readonly privileged?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
}

const mark = { run: "r1", home: "/somewhere/run/18080" };
const file =
  (supervised: boolean, base = 8080) =>
  (id: string) => {
    const scenario = SCENARIOS.find((one) => one.id === id);
    if (!scenario) throw new Error(id);
    const plan = portPlan(base);
    const options = {
      files: "/f",
      dashboards: "/d",
      context: "/c",
      plan,
      mark,
      user: "1000:1000",
      supervised,
    };
    const units = composeUnits(relocate(scenario.paces.drill.topology, base - 8080), plan);
    return composeFile(units, options) as {
      readonly networks: { readonly default: { readonly labels: object } };
      readonly services: Readonly<Record<string, Service>>;
    };
  };

it("the committed files are those that the code makes: `npm run compose` writes them", () => {
  const plain = SCENARIOS.find(({ id }) => id === "uneven-weights");
  const files = plain ? composeFiles(plain.paces.drill, lock) : {};
  expect(Object.keys(files)).toContain("docker-compose.yml");
  for (const [path, text] of Object.entries(files))
    expect(readFileSync(join(ROOT, path), "utf8"), path).toBe(text);
});

describe.each(SCENARIOS.map(({ id }) => id))("the Compose file for %s", (id) => {
  const { services, networks } = file(true)(id);
  const all = Object.entries(services);

  it("publishes on this machine only, and no port twice", () => {
    const ports = all.flatMap(([, { ports: published = [] }]) => published);
    expect(ports.filter((port) => !port.startsWith("127.0.0.1:"))).toEqual([]);
    expect(new Set(ports.map((port) => port.split(":")[1])).size).toBe(ports.length);
    expect(services["host"]?.ports).toEqual(["127.0.0.1:8080:8080", "127.0.0.1:8404:8404"]);
  });

  it.each(all)(
    "%s has a health check, limits, few rights, a bounded log and the run's label",
    (_, service) => {
      expect(service).toMatchObject({
        cap_drop: ["ALL"],
        security_opt: ["no-new-privileges:true"],
        restart: "no",
        healthcheck: { interval: "10s" },
        labels: { [RUN_LABEL]: "r1", [HOME_LABEL]: "/somewhere/run/18080" },
        logging: { options: { "max-size": "5m" } },
      });
      for (const limit of [service.mem_limit, service.cpus, service.pids_limit])
        expect(limit).toBeGreaterThan(0);
      expect(service.privileged).toBeUndefined();
    },
  );

  it("mounts the engine's socket nowhere, and everything but the balancer's state for reading only", () => {
    const mounts = all.flatMap(([name, { volumes = [] }]) => volumes.map((mount) => `${name} ${mount}`));
    expect(mounts.filter((mount) => mount.includes("docker.sock"))).toEqual([]);
    expect(mounts.filter((mount) => !mount.endsWith(":ro"))).toEqual(["balancer /f/balancer:/var/lib/lblab"]);
  });

  it("gives balancer and backends no profile, and everything that only watches one", () => {
    const plain = all.filter(([, { profiles }]) => profiles === undefined).map(([name]) => name);
    const observing = all.filter(([, { profiles }]) => profiles?.join() === "observe").map(([name]) => name);
    expect(plain).toEqual(expect.arrayContaining(["host", "balancer", "web-1"]));
    expect(observing.sort()).toEqual(
      ["alertmanager", "grafana", "load", "probe", "prometheus", "relay"].sort(),
    );
    expect(plain.length + observing.length).toBe(all.length);
  });

  it("pins every image, and lets each be replaced", () => {
    for (const [name, { image = "" }] of all)
      expect(image, name).toMatch(/^\$\{[A-Z]+_IMAGE:-(outage-lab|[a-z/-]+:v?\d+\.\d+\.\d+)\}$/);
  });

  it("marks its network, too", () => {
    expect(networks.default.labels).toEqual({ [RUN_LABEL]: "r1", [HOME_LABEL]: "/somewhere/run/18080" });
  });
});

it("without a lab around it nothing is said on standard output to nobody, and the balancer's file cannot be written", () => {
  const { services } = file(false)("uneven-weights");
  expect(services["web-1"]?.environment).toBeUndefined();
  expect(services["balancer"]?.volumes?.every((mount) => mount.endsWith(":ro"))).toBe(true);
});

it("every published port moves with the base", () => {
  const ports = (base: number): number[] =>
    Object.values(file(true, base)("auth-bottleneck").services).flatMap(({ ports: published = [] }) =>
      published.map((port) => Number(port.split(":")[1])),
    );
  expect(ports(18_080)).toEqual(ports(8080).map((port) => port + 10_000));
});

it("the image gets what programs need to run, and nothing that only the development needs", () => {
  const text = dockerIgnore({
    packages: {
      "": {},
      "node_modules/fastify": {},
      "node_modules/fastify/node_modules/semver": {},
      "node_modules/@scope/needed": {},
      "node_modules/@scope/tool": { dev: true },
      "node_modules/vitest": { dev: true },
      "node_modules/native": { optional: true },
    },
  });
  expect(text.split("\n").filter((line) => line.startsWith("!"))).toEqual([
    "!package.json",
    "!dist",
    "!node_modules",
    "!node_modules/@scope",
    "!node_modules/@scope/needed",
    "!node_modules/fastify",
  ]);
});
