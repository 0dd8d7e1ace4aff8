import { stringify } from "yaml";
import type { PortPlan } from "../live/ports.ts";
import { HOST_SERVICE } from "./containerised.ts";

/** A unit that is a container: which program it runs, and on which ports it is reached from outside. */
export interface ComposeUnit {
  readonly name: string;
  readonly program: string;
  readonly ports: readonly number[];
  /** Beside the shop: only with the profile `observe`. */
  readonly observes: boolean;
}

export interface ComposeOptions {
  /** Directory with `units/`, `balancer/` and `targets/`, as the Compose file calls it. */
  readonly files: string;
  /** The project's `dashboards/`, as the Compose file calls it. */
  readonly dashboards: string;
  /** The project's root, for the build. */
  readonly context: string;
  readonly plan: PortPlan;
  /** Whose containers these are. */
  readonly mark: RunMark;
  /** `uid:gid` that the lab's programs run as. */
  readonly user: string;
  /** Whether a lab is around them, that takes their messages and changes the balancer's configuration. */
  readonly supervised: boolean;
}

/** By what the containers and the network of a run are known. */
export interface RunMark {
  /** The run's own, that nobody else has. */
  readonly run: string;
  /** The run's directory, which one run has at a time: whatever is of it and of another run was left behind. */
  readonly home?: string;
}

export const RUN_LABEL = "lblab.run";
export const HOME_LABEL = "lblab.home";
export const UNIT_LABEL = "lblab.unit";

const marked = ({ run, home }: RunMark) => ({
  [RUN_LABEL]: run,
  ...(home === undefined ? {} : { [HOME_LABEL]: home }),
});

/** The labels of a unit's container. */
export const runLabels = (mark: RunMark, unit: string): Record<string, string> => ({
  ...marked(mark),
  [UNIT_LABEL]: unit,
});

/** The programs, by where the image has them. */
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

/** What a program of the lab may have: small, and no more than it needs. */
export const LIMITS = { memoryBytes: 256 * 2 ** 20, cpus: 1, pids: 64 } as const;
const SLEEP = "process.on('SIGTERM', () => process.exit()); new MessageChannel().port1.onmessage = () => {}";
const LOGGING = { driver: "json-file", options: { "max-size": "5m", "max-file": "2" } } as const;
const HARDENED = {
  restart: "no",
  security_opt: ["no-new-privileges:true"],
  cap_drop: ["ALL"],
  logging: LOGGING,
} as const;

/** As the file's text. Compose reads YAML 1.1, in which a bare `no` is false. */
export const composeText = (units: readonly ComposeUnit[], options: ComposeOptions): string =>
  stringify(composeFile(units, options), { version: "1.1", lineWidth: 0, aliasDuplicateObjects: false });

/** The Compose file of a lab: a machine for the balancer, a container for every unit, and what watches them. */
export function composeFile(units: readonly ComposeUnit[], options: ComposeOptions): object {
  const { files, dashboards, context, plan, mark, user, supervised } = options;
  const published = (port: number, inside = port): string => `127.0.0.1:${port}:${inside}`;
  const labels = (unit: string) => runLabels(mark, unit);
  const program = {
    image: "${LAB_IMAGE:-outage-lab}",
    build: { context, args: { BASE_IMAGE: "${BASE_IMAGE:-node:20.20-slim}" } },
    user,
    read_only: true,
    mem_limit: LIMITS.memoryBytes,
    cpus: LIMITS.cpus,
    pids_limit: LIMITS.pids,
    ...HARDENED,
  };

  const unitService = ({ name, program: kind, ports, observes }: ComposeUnit) => {
    const isBalancer = kind === "balancer";
    const mounts = [`${files}/units:${UNITS_DIR}:ro`];
    // What is the checkout's own cannot be written: only its history and the access log can, and they are forgotten.
    if (isBalancer)
      mounts.push(
        supervised
          ? `${files}/balancer:${STATE_DIR}`
          : `${files}/balancer/balancer.yaml:${STATE_DIR}/balancer.yaml:ro`,
      );
    if (kind === "relay") mounts.push(`${files}/relay:${RELAY_DIR}:ro`);
    return {
      ...program,
      command: [PROGRAMS[kind] ?? kind, `${UNITS_DIR}/${name}.json`],
      ...(supervised ? { environment: { LBLAB_MESSAGES: "stdout" }, stdin_open: true } : {}),
      labels: labels(name),
      volumes: mounts,
      tmpfs: isBalancer && !supervised ? ["/tmp", `${STATE_DIR}:mode=1777`] : ["/tmp"],
      healthcheck: healthcheck(checkPort(kind, ports, plan), kind),
      ...(isBalancer
        ? { network_mode: `service:${HOST_SERVICE}`, depends_on: [HOST_SERVICE] }
        : { ports: ports.map((port) => published(port)) }),
      ...(observes ? { profiles: ["observe"] } : {}),
    };
  };

  const observer = { profiles: ["observe"], ...HARDENED, pids_limit: 256 };
  return {
    networks: { default: { labels: marked(mark) } },
    services: {
      // Owns the balancer's network and ports: the machine stands while the balancer comes and goes.
      [HOST_SERVICE]: {
        ...program,
        command: ["-e", SLEEP],
        labels: labels(HOST_SERVICE),
        ports: [published(plan.listener), published(plan.admin)],
        healthcheck: { ...EVERY, test: ["CMD", "node", "-e", "0"] },
      },
      ...Object.fromEntries(units.map((unit) => [unit.name, unitService(unit)])),
      prometheus: {
        ...observer,
        image: "${PROMETHEUS_IMAGE:-prom/prometheus:v2.53.5}",
        command: [
          "--config.file=/etc/prometheus/prometheus.yml",
          "--storage.tsdb.path=/prometheus",
          "--storage.tsdb.retention.time=6h",
          "--web.listen-address=:9090",
        ],
        labels: labels("prometheus"),
        user: "65534:65534",
        read_only: true,
        tmpfs: ["/prometheus:mode=1777", "/tmp"],
        mem_limit: 512 * 2 ** 20,
        cpus: 1,
        volumes: [
          `${dashboards}/prometheus.yml:/etc/prometheus/prometheus.yml:ro`,
          `${dashboards}/alerts:/etc/prometheus/alerts:ro`,
          `${files}/targets:/etc/prometheus/targets:ro`,
        ],
        ports: [published(plan.evaluator, 9090)],
        healthcheck: {
          ...EVERY,
          test: ["CMD", "/bin/wget", "-q", "-O", "/dev/null", "http://127.0.0.1:9090/-/healthy"],
        },
      },
      alertmanager: {
        ...observer,
        image: "${ALERTMANAGER_IMAGE:-prom/alertmanager:v0.28.1}",
        command: [
          "--config.file=/etc/alertmanager/alertmanager.yml",
          "--storage.path=/alertmanager",
          "--cluster.listen-address=",
          "--web.listen-address=:9093",
        ],
        labels: labels("alertmanager"),
        user: "65534:65534",
        read_only: true,
        tmpfs: ["/alertmanager:mode=1777", "/tmp"],
        mem_limit: 128 * 2 ** 20,
        cpus: 0.5,
        volumes: [`${dashboards}/alertmanager.yml:/etc/alertmanager/alertmanager.yml:ro`],
        ports: [published(plan.evaluator + 3, 9093)],
        healthcheck: {
          ...EVERY,
          test: ["CMD", "/bin/wget", "-q", "-O", "/dev/null", "http://127.0.0.1:9093/-/healthy"],
        },
      },
      grafana: {
        ...observer,
        image: "${GRAFANA_IMAGE:-grafana/grafana-oss:11.6.5}",
        labels: labels("grafana"),
        environment: {
          GF_AUTH_ANONYMOUS_ENABLED: "true",
          GF_AUTH_ANONYMOUS_ORG_ROLE: "Viewer",
          GF_ANALYTICS_REPORTING_ENABLED: "false",
          GF_ANALYTICS_CHECK_FOR_UPDATES: "false",
          GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: "false",
          GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH: "/etc/grafana/dashboards/service-level.json",
        },
        mem_limit: 512 * 2 ** 20,
        cpus: 1,
        volumes: [
          `${dashboards}/grafana/provisioning:/etc/grafana/provisioning:ro`,
          `${dashboards}/grafana/json:/etc/grafana/dashboards:ro`,
        ],
        ports: [published(plan.evaluator + 5, 3000)],
        healthcheck: {
          ...EVERY,
          test: ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:3000/api/health"],
        },
      },
    },
  };
}

const EVERY = { interval: "10s", timeout: "5s", retries: 3, start_period: "20s" } as const;

/** Where a program answers when it is well. */
function checkPort(kind: string, ports: readonly number[], plan: PortPlan): number | undefined {
  return kind === "balancer" ? plan.admin : ports[0];
}

function healthcheck(port: number | undefined, kind: string) {
  if (port === undefined) return { ...EVERY, test: ["CMD", "node", "-e", "0"] };
  const path = kind === "probe" || kind === "relay" ? "/metrics" : "/healthz";
  const ask = `fetch('http://127.0.0.1:${port}${path}').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))`;
  return { ...EVERY, test: ["CMD", "node", "-e", ask] };
}
