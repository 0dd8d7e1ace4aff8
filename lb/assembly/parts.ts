import type { Sign } from "../../runtime/answer-proof.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { LogLevel } from "../../runtime/log-level.ts";
import type { Log } from "../../runtime/log.ts";
import type { Random } from "../../runtime/random.ts";
import type { Target } from "../address.ts";
import { createAdminInForce, type AdminInForce } from "./admin-in-force.ts";
import type { Admin, AdminDeps } from "../admin/admin.ts";
import type { Balancer, ListenerCounts, Observer, RequestRecord } from "../balancer.ts";
import { createConfigControl, type ConfigControl, type ConfigControlDeps } from "../config/config-control.ts";
import type { CheckAnswer } from "../config/lint/rule.ts";
import { createCanaryControl } from "../config/rollout/canary-control.ts";
import type { CanaryControl } from "../config/rollout/canary.ts";
import { createChangeLog } from "../config/rollout/change-log.ts";
import { NOBODY, type Identities } from "../config/rollout/identity.ts";
import { openConfig, type Opening } from "../config/rollout/opening.ts";
import { createRollout, type RolloutDeps } from "../config/rollout/rollout.ts";
import type { BalancerConfig } from "../config/schema.ts";
import type { ConfigStore } from "../config/store.ts";
import { createTurns } from "../config/turns.ts";
import { createBalancer } from "../create-balancer.ts";
import type { Exchange } from "../exchange.ts";
import type { ListenerSet } from "../listener/listener-set.ts";
import { fanOut } from "../observers.ts";
import { createPrepare } from "./prepare-config.ts";
import { newRequestId } from "../request/headers/request-id.ts";
import { createAccessLogInForce, type AccessLogInForce } from "./access-log-in-force.ts";
import type { AccessLog, AccessLogConfig, AccessLogDeps } from "../telemetry/access-log.ts";
import { createBalancerMetrics, type BalancerMetrics } from "../telemetry/metrics-observer.ts";
import { createServiceMeter, type ServiceMeter } from "../telemetry/service-meter.ts";
import { createStats, type Stats } from "../telemetry/stats.ts";
import type { Transport } from "../transport/transport.ts";

/** What a whole balancer needs of the world in which it runs. */
export interface BalancerEdges<X extends Exchange> {
  readonly store: ConfigStore;
  /** What carries requests to upstreams, beginning with this engine. */
  createTransport(
    engine: BalancerConfig["engine"],
  ): Transport<X> & { use(engine: BalancerConfig["engine"]): void };
  createListeners(deps: {
    readonly balancer: Pick<Balancer<X>, "handle">;
    readonly onRejected: (record: RequestRecord) => void;
    readonly newRequestId: () => string;
  }): ListenerSet;
  /** Throws the system's error. */
  openAccessLog(config: AccessLogConfig, deps: AccessLogDeps): AccessLog;
  /** Probes upstreams once with the request of their health checks; absent: no upstream is probed. */
  readonly probe?: (config: BalancerConfig) => Promise<readonly CheckAnswer[]>;
  createAdmin(bind: Target, deps: Omit<AdminDeps, "token">): Admin;
  /** Reads the tokens that a configuration names; absent: there are none. Throws UnmetNeed. */
  readonly readIdentities?: (config: BalancerConfig) => Identities;
}

export interface BalancerProcessDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Signs the way of answers, for holders of the same key; absent: answers do not carry it. */
  readonly signWay?: Sign | undefined;
  /** Takes precedence over the configuration's. */
  readonly logLevel?: LogLevel | undefined;
  /** Why the file is served past every guard; absent: the guards count. */
  readonly emergency?: string | undefined;
}

/** All parts of a balancer with the configuration that it begins with; nothing listens yet. Throws what the configuration is refused for. */
export function assembleParts<X extends Exchange>(edges: BalancerEdges<X>, deps: BalancerProcessDeps) {
  const { clock, log } = deps;
  const { store } = edges;
  const metrics = createBalancerMetrics({ clock });
  const changes = createChangeLog(store.beside.changes, {
    clock,
    log,
    onLost: () => void (metrics.rollout.notLogged.of().value += 1),
  });
  const { emergency } = deps;
  const first = openConfig({ clock, log, store, changes, metrics: metrics.rollout, emergency });
  const meter = createServiceMeter({ clock });
  const stats = createStats({ clock });
  const accessLog = createAccessLogInForce((config) =>
    edges.openAccessLog(config, { log, onDropped: (lines) => metrics.accessLogDropped(lines) }),
  );
  const observer = observerOf(metrics, stats, meter, accessLog);
  const core = assembleCore(edges, deps, first, observer);
  const { balancer, transport, listeners } = core;
  let identities = NOBODY;
  // Each of the three needs the other two, and none before all are there.
  const guarded = assembleGuarded(
    { clock, log, store, changes, metrics, meter, balancer, probe: edges.probe },
    (config) => prepare(config),
  );
  const admin: AdminInForce = createAdminInForce(log, (bind) =>
    edges.createAdmin(bind, {
      clock,
      log,
      balancer,
      metrics,
      stats,
      store,
      ...guarded,
      counts: (target) => transport.counts(target),
      certificates: () => listeners.certificateExpiry?.() ?? new Map<string, number>(),
      listeners: () => listeners.counts?.() ?? new Map<string, ListenerCounts>(),
      identities: () => identities,
    }),
  );
  const needs = { ...core, accessLog, admin, readIdentities: edges.readIdentities };
  const usualLevel = log.level;
  const prepare = createPrepare(needs, (config, known) => {
    log.level = deps.logLevel ?? config.log.level ?? usualLevel;
    identities = known;
  });
  return { first, ...core, ...guarded, accessLog, admin, prepare };
}

const observerOf = (
  metrics: BalancerMetrics,
  stats: Stats,
  meter: ServiceMeter,
  accessLog: AccessLogInForce,
): Observer => {
  const counts = fanOut([metrics, stats]);
  return {
    ...counts,
    request(record) {
      counts.request(record);
      meter.request(record);
      accessLog.write(record);
    },
  };
};

/** What carries requests. */
function assembleCore<X extends Exchange>(
  edges: BalancerEdges<X>,
  { clock, random, log, signWay }: BalancerProcessDeps,
  { parsed: { config }, version }: Opening,
  observer: Observer,
) {
  const transport = edges.createTransport(config.engine);
  const deps = { clock, random, log, transport, observer, signWay };
  const balancer = createBalancer<X>(config, version, deps);
  const refusedIds = random.fork("refused-request-id");
  const listeners = edges.createListeners({
    balancer,
    onRejected: (record) => observer.request(record),
    newRequestId: () => newRequestId(refusedIds),
  });
  return { transport, balancer, listeners };
}

interface GuardedDeps extends Omit<RolloutDeps, "control" | "canary" | "metrics" | "store" | "balancer"> {
  readonly metrics: BalancerMetrics;
  readonly store: ConfigStore;
  readonly balancer: Balancer;
  readonly probe: ConfigControlDeps["probe"];
}

/** What changes the configuration, and what guards it. */
function assembleGuarded(deps: GuardedDeps, prepare: ConfigControlDeps["prepare"]) {
  const { clock, log, store, metrics, meter, balancer, probe } = deps;
  const rollout = createRollout({
    ...deps,
    metrics: metrics.rollout,
    control: () => control,
    canary: () => canary,
  });
  const inTurn = createTurns();
  const onResult = (result: "success" | "failure") => metrics.reloaded(result);
  const shared = { clock, log, store, inTurn, onResult, gate: rollout.gate };
  const canary: CanaryControl = createCanaryControl({ ...shared, balancer });
  canary.onEvent((event) => metrics.canary.event(event));
  if (canary.status) metrics.canary.lost(canary.status);
  const control: ConfigControl = createConfigControl({
    ...shared,
    prepare,
    canary: () => balancer.canary?.version,
    inForce: () => balancer.version,
    active: () => balancer.config,
    probe,
    load: () => meter.load(),
  });
  return { rollout, canary, control };
}
