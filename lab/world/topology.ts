import { join } from "node:path";
import type { BackendSpec, PackageSpec, Topology, Workload } from "../../scenarios/scenario.ts";
import type { PackageDefinition, UnitDefinition } from "./host.ts";
import type { RestartPolicy } from "./restart-policy.ts";
import type { UnitConfig } from "./unit-config.ts";

/** The units of a topology, as every world declares them. */

const START_LIMIT = { burst: 5, intervalMs: 10_000 } as const;
/** systemd's defaults: five starts in ten seconds, a tenth of a second apart. */
const BALANCER_RESTART: RestartPolicy = { when: "on-failure", delayMs: 100, startLimit: START_LIMIT };
const BACKEND_RESTART_DELAY_MS = 500;

export interface UnitSettings {
  readonly seed: number;
  /** Address of the balancer's listener, `host:port`. */
  readonly listener: string;
  readonly balancer: UnitConfig;
  /** Where the prober publishes what users meet. */
  readonly probeMetricsPort: number;
}

export interface EvaluatorSettings {
  /** Port of its Prometheus API. */
  readonly port: number;
  readonly tokenPath: string;
  /** Directory that holds `alerts/` and `alertmanager.yml`. */
  readonly dashboards: string;
  /** Ports of the balancer's admin, of the prober's metrics and of the supervisor's own. */
  readonly adminPort: number;
  readonly probeMetricsPort: number;
  readonly controlPort: number;
  /** Between two scrapes of everything. Default 1000. */
  readonly observeEveryMs?: number | undefined;
  /** Files with the URLs of who else is notified of alerts: `notify` of the evaluator's configuration. */
  readonly notify: UnitConfig;
}

export function balancerUnit({ balancer }: UnitSettings): UnitDefinition {
  return {
    name: "balancer",
    description: "the load balancer",
    program: "balancer",
    config: balancer,
    keys: ["way"],
    restart: BALANCER_RESTART,
    stopTimeoutMs: 5000,
    enabled: true,
  };
}

const ROLES = {
  web: "web server of the shop",
  auth: "signs users in and keeps their sessions",
  database: "the shop's database",
  api: "another team's API, which calls the shop",
  site: "display for the hall",
} as const satisfies Record<BackendSpec["role"], string>;

/** Its own, and what tells a server that asks another one through the balancer whether that one answered. */
const BACKEND_KEYS = ["origin", "way"] as const;
/** What a team can set of its server without another machine. */
const BACKEND_SETTINGS = ["version", "port", "timeoutMs", "calls", "capacity.queueLimit"] as const;

export function backendUnit({ restartDelayMs, ...spec }: BackendSpec, seed: number): UnitDefinition {
  return {
    name: spec.name,
    description: ROLES[spec.role],
    program: "backend",
    config: { ...spec, seed } as unknown as UnitConfig,
    restart: {
      when: "on-failure",
      delayMs: restartDelayMs ?? BACKEND_RESTART_DELAY_MS,
      startLimit: START_LIMIT,
    },
    stopTimeoutMs: 3000,
    enabled: true,
    settings: BACKEND_SETTINGS,
    keys: BACKEND_KEYS,
  };
}

export function packageDefinition(
  { name, version, unit, before }: PackageSpec,
  seed: number,
): PackageDefinition {
  return {
    name,
    version,
    description: ROLES[unit.role],
    // Another team's program: what it says is nobody's word but its own.
    units: [{ ...backendUnit(unit, seed), before, owner: name, keys: [] }],
  };
}

const SCRAPE_EVERY_MS = 1000;
const BEGIN_AFTER_MS = 3000;
/** A drill and the time before it, with some to spare for whoever looks back. */
const RETENTION_MS = 60 * 60_000;
/** A lab has some hundred series; ten times as many are a mistake somewhere, and must not take the memory. */
const MAX_SERIES = 10_000;

/** What scrapes and pages. Outside of the machine: a monitoring that restarts with what it watches sees nothing. */
export function evaluatorUnit(topology: Topology, settings: EvaluatorSettings): UnitDefinition {
  const { port, tokenPath, dashboards, adminPort, probeMetricsPort, controlPort, notify } = settings;
  const target = (job: string, at: number) => ({
    job,
    instance: `127.0.0.1:${at}`,
    url: `http://127.0.0.1:${at}/metrics`,
  });
  return {
    name: "evaluator",
    description: "scrapes metrics, evaluates alert rules, pages",
    program: "evaluator",
    config: {
      port,
      tokenPath,
      targets: [
        target("balancer", adminPort),
        ...topology.backends.map((backend) => target("backend", backend.port)),
        target("probe", probeMetricsPort),
        target("lab", controlPort),
      ],
      rules: join(dashboards, "alerts"),
      alertmanager: join(dashboards, "alertmanager.yml"),
      intervalMs: settings.observeEveryMs ?? SCRAPE_EVERY_MS,
      beginAfterMs: BEGIN_AFTER_MS,
      retentionMs: RETENTION_MS,
      maxSeries: MAX_SERIES,
      ...(Object.keys(notify).length > 0 ? { notify } : {}),
    },
    restart: BALANCER_RESTART,
    stopTimeoutMs: 2000,
    enabled: true,
    outside: true,
  };
}

/** Users and load: outside of the machine, so a restart of its units does not stop them. */
export function outsideUnits(
  topology: Topology,
  { users, pages, catalogue, loadRequestsPerSecond, apiPerSecond }: Workload,
  { seed, listener, probeMetricsPort }: UnitSettings,
  sessions: readonly string[] | undefined,
): UnitDefinition[] {
  const target = `http://${listener}`;
  const api = topology.backends.find(({ role }) => role === "api");
  const { count, prefix, visitEveryMs, timeoutMs, login } = users;
  const base = { restart: BALANCER_RESTART, stopTimeoutMs: 2000, enabled: true, outside: true } as const;
  return [
    {
      ...base,
      name: "probe",
      description: "the users who judge",
      program: "probe",
      keys: ["origin", "way", "nonce"],
      config: {
        seed,
        target,
        users: { count, prefix },
        visitEveryMs,
        timeoutMs,
        pages,
        ...(catalogue ? { catalogue } : {}),
        metricsPort: probeMetricsPort,
        ...(login ? { login: { ...login, ...(sessions ? { sessions } : {}) } } : {}),
        ...(api && apiPerSecond !== undefined
          ? { api: { target: `http://127.0.0.1:${api.port}`, perSecond: apiPerSecond } }
          : {}),
      },
    },
    {
      ...base,
      name: "load",
      description: "more traffic, by autocannon",
      program: "load",
      keys: ["nonce"],
      config: { seed, target, requestsPerSecond: loadRequestsPerSecond, users: { count, prefix }, pages },
    },
  ];
}
