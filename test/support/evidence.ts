import type { PoolView, StatusView, UpstreamView } from "../../lab/trainee/views.ts";
import type { Evidence, ReadConfig, UpstreamDelta } from "../../lab/responders/evidence.ts";
import type { UnitView } from "../../lab/world/host.ts";
import { writeYaml } from "../../runtime/yaml/write.ts";

export const unit = (name: string, given: Partial<UnitView> = {}): UnitView => ({
  name,
  description: "",
  program: name === "balancer" ? "balancer" : "backend",
  owner: undefined,
  enabled: true,
  state: "active",
  reason: "",
  since: 0,
  pid: 100,
  restarts: 0,
  lastExit: undefined,
  ...given,
});

const WEB = [1, 2, 3, 4, 5] as const;

export const status = (given: Partial<StatusView> = {}): StatusView => ({
  schemaVersion: 1,
  listener: "127.0.0.1:8080",
  drill: undefined,
  users: {
    population: 500,
    requestsPerSecond: 200,
    probeRequestsPerSecond: 100,
    loadRequestsPerSecond: 100,
    requests: 1000,
    failedRatio: 0,
    affectedRatio: 0,
    affectedFailedRatio: undefined,
    othersFailedRatio: 0,
    routes: {},
    failures: {},
  },
  backends: WEB.map((n) => ({
    backend: `web-${n}`,
    seen: true,
    share: 0.2,
    configuredShare: 0.2,
    answersPerSecond: 20,
    failedRatio: 0,
    restarts: 0,
    state: "active",
  })),
  pools: [pool()],
  units: [unit("balancer"), ...WEB.map((n) => unit(`web-${n}`))],
  alerts: [],
  ...given,
});

export function pool(given: Partial<PoolView> = {}): PoolView {
  return {
    pool: "web",
    policy: "round-robin",
    queueLength: 0,
    queueLimit: 128,
    upstreams: WEB.map((n) => upstream(`web-${n}`, { address: `127.0.0.1:${9100 + n}` })),
    ...given,
  };
}

export const upstream = (name: string, given: Partial<UpstreamView> = {}): UpstreamView => ({
  pool: "web",
  upstream: name,
  address: "127.0.0.1:9101",
  state: "UP",
  weight: 1,
  inFlight: 1,
  maxConnections: 64,
  requests: 800,
  failures: 0,
  requestsPerSecond: 20,
  failuresPerSecond: 0,
  ...given,
});

export const delta = (n: number, given: Partial<UpstreamDelta> = {}): UpstreamDelta => ({
  pool: "web",
  upstream: `web-${n}`,
  address: `127.0.0.1:${9100 + n}`,
  state: "UP",
  requests: 800,
  failures: 0,
  ...given,
});

/** A version with one pool of upstreams with these weights. */
export const config = (
  version: number,
  weights: readonly number[],
  { name = "web", health = true, maxConnections = 64 } = {},
): ReadConfig => ({
  version,
  yaml: writeYaml({
    pools: {
      [name]: {
        ...(health ? { health: { path: "/healthz" } } : {}),
        upstreams: weights.map((weight, i) => ({ name: `${name}-${i + 1}`, weight, maxConnections })),
      },
    },
  }),
  pools: {
    [name]: {
      health,
      upstreams: weights.map((weight, i) => ({ name: `${name}-${i + 1}`, weight, maxConnections })),
    },
  },
});

/** The evidence of a healthy lab, but for what the test gives. */
export const evidence = (given: Partial<Evidence> = {}): Evidence => ({
  answer: { status: 200, server: "lb", flag: undefined, error: undefined },
  status: status(),
  ports: [8080, 8404, ...WEB.map((n) => 9100 + n)].map((port) => ({
    port,
    pid: 100,
    program: "node",
    unit: port < 9000 ? "balancer" : `web-${port - 9100}`,
  })),
  changes: [],
  balancerLog: [],
  deltas: WEB.map((n) => delta(n)),
  pools: [pool()],
  configs: [config(1, [1, 1, 1, 1, 1])],
  ...given,
});
