import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { composeFiles } from "../../../../lab/world/docker/committed.ts";
import { composeFile } from "../../../../lab/world/docker/compose-file.ts";
import { HOME_LABEL, RUN_LABEL } from "../../../../lab/world/docker/run-mark.ts";
import { composeUnits } from "../../../../lab/world/docker/stack.ts";
import { portPlan } from "../../../../lab/world/ports.ts";
import { relocate } from "../../../../lab/world/relocate.ts";
import { PLAIN_SHOP, SCENARIOS } from "../../../../scenarios/index.ts";

const ROOT = join(import.meta.dirname, "../../../..");
const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };

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
  readonly healthcheck?: { readonly test?: readonly string[] };
  readonly command?: readonly string[];
  readonly user?: string;
  readonly tmpfs?: readonly string[];
  readonly build?: object;
  readonly pull_policy?: string;
  readonly depends_on?: readonly string[];
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
      image: "outage-lab:0.0.1",
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
  const files = composeFiles(PLAIN_SHOP, version);
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
    expect(observing.sort()).toEqual(["alertmanager", "load", "probe", "prometheus", "relay"].sort());
    // Grafana has one of its own.
    expect(plain.length + observing.length + 1).toBe(all.length);
  });

  it("pins every image, and lets each be replaced", () => {
    for (const [name, { image = "" }] of all)
      expect(image, name).toMatch(/^\$\{[A-Z]+_IMAGE:-([a-z/-]+:v?\d+\.\d+\.\d+)\}$/);
  });

  it("marks its network, too", () => {
    expect(networks.default.labels).toEqual({ [RUN_LABEL]: "r1", [HOME_LABEL]: "/somewhere/run/18080" });
  });
});

it("without a lab around it no unit writes messages to standard output, and the balancer's file cannot be written", () => {
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

it("without a lab around it what crashes is started again, ports may be moved, and alerts link to this machine", () => {
  const { services } = file(false)("uneven-weights");
  for (const [name, { restart }] of Object.entries(services)) expect(restart, name).toBe("on-failure");
  expect(services["host"]?.ports).toEqual([
    "127.0.0.1:${LBLAB_PORT_SHOP:-8080}:8080",
    "127.0.0.1:${LBLAB_PORT_ADMIN:-8404}:8404",
  ]);
  expect(services["web-1"]?.ports).toEqual(["127.0.0.1:${LBLAB_PORT_WEB_1:-9101}:9101"]);
  const links = ["prometheus", "alertmanager"].map((name) => services[name]?.command?.at(-1));
  expect(links).toEqual([
    "--web.external-url=http://127.0.0.1:${LBLAB_PORT_PROMETHEUS:-9090}",
    "--web.external-url=http://127.0.0.1:${LBLAB_PORT_ALERTMANAGER:-9093}",
  ]);
});

it("a directory in memory belongs to its container's user, whatever the image has in its place", () => {
  for (const supervised of [true, false])
    for (const [name, { user, tmpfs = [] }] of Object.entries(file(supervised)("uneven-weights").services)) {
      const own = tmpfs.filter((mount) => mount !== "/tmp");
      for (const mount of own) {
        const [uid, gid] = user?.split(":") ?? [];
        expect(mount, name).toContain(`:uid=${uid},gid=${gid},`);
      }
    }
});

it("one service builds the image, all others wait for it, and none pulls it from a registry", () => {
  for (const supervised of [true, false]) {
    const all = Object.entries(file(supervised)("uneven-weights").services);
    const ours = all.filter(([, { image = "" }]) => image.startsWith("${LAB_IMAGE"));
    expect(ours.length).toBeGreaterThan(9);
    expect(ours.filter(([, { build }]) => build).map(([name]) => name)).toEqual(["host"]);
    for (const [name, { pull_policy: policy, depends_on: after }] of ours) {
      expect(policy, name).toBe(name === "host" && !supervised ? "${LAB_PULL_POLICY:-build}" : "never");
      expect(after, name).toEqual(name === "host" ? undefined : ["host"]);
    }
  }
});

it("the balancer's health is checked by way of its machine's network, which it may have lost", () => {
  const { services } = file(false)("uneven-weights");
  expect(services["balancer"]?.healthcheck?.test?.join(" ")).toContain("http://host:8404/healthz");
});

it("Grafana can be left out, allows exploring without an account, and has no sign-in", () => {
  const { profiles, environment } = file(false)("uneven-weights").services["grafana"] ?? {};
  expect(profiles).toEqual(["grafana-${LBLAB_GRAFANA:-on}"]);
  expect(readFileSync(join(ROOT, ".env"), "utf8")).toContain("COMPOSE_PROFILES=observe,grafana-on\n");
  expect(environment).toMatchObject({
    GF_USERS_VIEWERS_CAN_EDIT: "true",
    GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION: "true",
    GF_AUTH_DISABLE_LOGIN_FORM: "true",
  });
});
