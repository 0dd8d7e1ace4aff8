import type { BackendSpec, PackageSpec, Topology, Workload } from "../../scenarios/scenario.ts";
import type { PackageDefinition, UnitDefinition } from "./host.ts";
import type { PortPlan } from "./ports.ts";
import type { RestartPolicy } from "./restart-policy.ts";
import {
  BACKEND_RESTART_AFTER_MS,
  OBSERVE_AFTER_MS,
  OBSERVE_EVERY_MS,
  RESTART_AFTER_MS,
  SAMPLES_KEPT_MS,
  START_LIMIT,
  STOP_WITHIN_MS,
} from "./timings.ts";
import type { UnitConfig } from "./unit-config.ts";

/** The units of a topology, as every world declares them. */

const restartAfter = (delayMs: number): RestartPolicy => ({
  when: "on-failure",
  delayMs,
  startLimit: START_LIMIT,
});

/** What every unit that watches from outside of the machine has, in every world: no act reaches it, no restart stops it. */
export const INSTRUMENT = {
  restart: restartAfter(RESTART_AFTER_MS),
  stopTimeoutMs: STOP_WITHIN_MS.instrument,
  enabled: true,
  outside: true,
} as const;

export interface UnitSettings {
  readonly seed: number;
  /** Address of the balancer's listener, `host:port`. */
  readonly listener: string;
  readonly balancer: UnitConfig;
  /** Port of the prober's metrics. */
  readonly probeMetricsPort: number;
}

export interface EvaluatorSettings {
  readonly plan: PortPlan;
  readonly tokenPath: string;
  /** Directory that holds `alerts/` and `alertmanager.yml`. */
  readonly dashboards: string;
  /** Between two scrapes of everything. Default 1000. */
  readonly observeEveryMs?: number | undefined;
  /** Files with the URLs of further targets of notifications: `notify` of the evaluator's configuration. */
  readonly notify: UnitConfig;
}

export function balancerUnit({ balancer }: UnitSettings): UnitDefinition {
  return {
    name: "balancer",
    description: "the load balancer",
    program: "balancer",
    config: balancer,
    keys: ["way"],
    restart: restartAfter(RESTART_AFTER_MS),
    stopTimeoutMs: STOP_WITHIN_MS.balancer,
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

/** Its own, and the key by which a server that calls another one through the balancer knows whether that one answered. */
const BACKEND_KEYS = ["origin", "way"] as const;
/** The settings of its server that a team can change without another machine. */
const BACKEND_SETTINGS = ["version", "port", "timeoutMs", "calls", "capacity.queueLimit"] as const;

export function backendUnit({ restartDelayMs, ...spec }: BackendSpec, seed: number): UnitDefinition {
  return {
    name: spec.name,
    description: ROLES[spec.role],
    program: "backend",
    config: { ...spec, seed } as unknown as UnitConfig,
    restart: restartAfter(restartDelayMs ?? BACKEND_RESTART_AFTER_MS),
    stopTimeoutMs: STOP_WITHIN_MS.backend,
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
    // Another team's program: it gets no keys, and cannot sign answers.
    units: [{ ...backendUnit(unit, seed), before, owner: name, keys: [] }],
  };
}

/** A lab has some hundred series; ten times as many are a mistake somewhere, and must not take the memory. */
const MAX_SERIES = 10_000;

/** The evaluator. Outside of the machine: monitoring that restarts with what it watches sees nothing. */
export function evaluatorUnit(topology: Topology, settings: EvaluatorSettings): UnitDefinition {
  const { plan, tokenPath, dashboards, notify } = settings;
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
      port: plan.evaluator,
      tokenPath,
      targets: [
        target("balancer", plan.admin),
        ...topology.backends.map((backend) => target("backend", backend.port)),
        target("probe", plan.probeMetrics),
        target("lab", plan.control),
      ],
      rules: `${dashboards}/alerts`,
      alertmanager: `${dashboards}/alertmanager.yml`,
      intervalMs: settings.observeEveryMs ?? OBSERVE_EVERY_MS,
      beginAfterMs: OBSERVE_AFTER_MS,
      retentionMs: SAMPLES_KEPT_MS,
      maxSeries: MAX_SERIES,
      ...(Object.keys(notify).length > 0 ? { notify } : {}),
    },
    ...INSTRUMENT,
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
  return [
    {
      ...INSTRUMENT,
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
      ...INSTRUMENT,
      name: "load",
      description: "more traffic, by autocannon",
      program: "load",
      keys: ["nonce"],
      config: { seed, target, requestsPerSecond: loadRequestsPerSecond, users: { count, prefix }, pages },
    },
  ];
}
