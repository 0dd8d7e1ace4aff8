import type { PortPlan } from "../ports.ts";
import {
  hardened,
  HEALTH_TIMES,
  OBSERVE_PROFILE,
  ownTmpfs,
  published,
  type ComposeOptions,
} from "./compose-parts.ts";
import { HOST_SERVICE } from "./containerised.ts";
import { observerServices } from "./observers.ts";
import { marked, runLabels } from "./run-mark.ts";
import { writeYaml } from "../../../runtime/yaml/write.ts";

/** A unit in a container: which program it runs, and on which ports it is reached from outside. */
export interface ComposeUnit {
  readonly name: string;
  readonly program: string;
  readonly ports: readonly number[];
  /** Beside the shop: only with the profile `observe`. */
  readonly observes: boolean;
}

/** Paths of the programs in the image. */
export const PROGRAMS: Readonly<Record<string, string>> = {
  balancer: "dist/lb/main.js",
  backend: "dist/backends/main.js",
  probe: "dist/lab/probe/main.js",
  load: "dist/lab/load/main.js",
  relay: "dist/lab/world/docker/relay/main.js",
};

export const UNITS_DIR = "/etc/lblab/units";
export const STATE_DIR = "/var/lib/lblab";
export const RELAY_PORT = 9094;
export const RELAY_DIR = "/var/lib/relay";

/** Resource limits of a program of the lab. */
export const LIMITS = { memoryBytes: 256 * 2 ** 20, cpus: 1, pids: 64 } as const;
const SLEEP = "process.on('SIGTERM', () => process.exit()); new MessageChannel().port1.onmessage = () => {}";

/** As the file's text. Compose reads YAML 1.1, in which a bare `no` is false. */
export const composeText = (units: readonly ComposeUnit[], options: ComposeOptions): string =>
  writeYaml(composeFile(units, options), { for11: true });

/** The Compose file of a lab: a machine for the balancer, a container for every unit, and what watches them. */
export function composeFile(units: readonly ComposeUnit[], options: ComposeOptions): object {
  const { mark } = options;
  return {
    networks: { default: { labels: marked(mark) } },
    services: {
      [HOST_SERVICE]: hostService(options),
      ...Object.fromEntries(units.map((unit) => [unit.name, unitService(unit, options)])),
      ...observerServices(options),
    },
  };
}

/** What all programs of the lab share. The image is never pulled: only `host` builds it, and all others wait for that. */
const programOf = (options: ComposeOptions) => ({
  image: `\${LAB_IMAGE:-${options.image}}`,
  pull_policy: "never",
  user: options.user,
  read_only: true,
  mem_limit: LIMITS.memoryBytes,
  cpus: LIMITS.cpus,
  pids_limit: LIMITS.pids,
  ...hardened(options),
});

/** Owns the balancer's network and ports: the machine goes on while the balancer restarts. */
function hostService(options: ComposeOptions) {
  const { context, plan, mark, supervised } = options;
  return {
    ...programOf(options),
    build: {
      context,
      args: {
        BASE_IMAGE: "${BASE_IMAGE:-node:20.20-slim}",
        NPM_CONFIG_REGISTRY: "${NPM_CONFIG_REGISTRY:-}",
      },
    },
    // A lab names its image by its content. Without a lab Compose checks at each start whether something has changed.
    pull_policy: supervised ? "never" : "${LAB_PULL_POLICY:-build}",
    command: ["-e", SLEEP],
    labels: runLabels(mark, HOST_SERVICE),
    ports: [
      published(options, { name: "shop", port: plan.listener }),
      published(options, { name: "admin", port: plan.admin }),
    ],
    healthcheck: { ...HEALTH_TIMES, test: ["CMD", "node", "-e", "0"] },
  };
}

function unitService(unit: ComposeUnit, options: ComposeOptions) {
  const { name, program, ports, observes } = unit;
  const { mark, supervised, user } = options;
  const isBalancer = program === "balancer";
  return {
    ...programOf(options),
    command: [PROGRAMS[program] ?? program, `${UNITS_DIR}/${name}.json`],
    ...(supervised ? { environment: { LBLAB_MESSAGES: "stdout" }, stdin_open: true } : {}),
    labels: runLabels(mark, name),
    volumes: mountsOf(unit, options),
    tmpfs: isBalancer && !supervised ? ["/tmp", ownTmpfs(STATE_DIR, user)] : ["/tmp"],
    healthcheck: healthcheck(unit, options.plan),
    depends_on: [HOST_SERVICE],
    ...(isBalancer
      ? { network_mode: `service:${HOST_SERVICE}` }
      : { ports: ports.map((port) => published(options, { name, port })) }),
    ...(observes ? { profiles: [OBSERVE_PROFILE] } : {}),
  };
}

/** The checkout's files are read-only. Only the balancer's history and access log can be written, and they are not kept. */
function mountsOf({ program }: ComposeUnit, { files, supervised }: ComposeOptions): readonly string[] {
  const own = supervised
    ? `${files}/balancer:${STATE_DIR}`
    : `${files}/balancer/balancer.yaml:${STATE_DIR}/balancer.yaml:ro`;
  return [
    `${files}/units:${UNITS_DIR}:ro`,
    ...(program === "balancer" ? [own] : []),
    ...(program === "relay" ? [`${files}/relay:${RELAY_DIR}:ro`] : []),
  ];
}

function healthcheck({ program, ports }: ComposeUnit, plan: PortPlan) {
  const ask = (url: string): readonly string[] => [
    "CMD",
    "node",
    "-e",
    `fetch('${url}').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))`,
  ];
  const [port] = ports;
  // By the machine's name: a balancer whose machine was restarted without it has lost its network, and is unhealthy.
  if (program === "balancer")
    return { ...HEALTH_TIMES, test: ask(`http://${HOST_SERVICE}:${plan.admin}/healthz`) };
  if (program === "relay") return { ...HEALTH_TIMES, test: ask(`http://127.0.0.1:${RELAY_PORT}/metrics`) };
  if (port === undefined) return { ...HEALTH_TIMES, test: ["CMD", "node", "-e", "0"] };
  const path = program === "probe" ? "/metrics" : "/healthz";
  return { ...HEALTH_TIMES, test: ask(`http://127.0.0.1:${port}${path}`) };
}
