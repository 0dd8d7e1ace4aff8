import type { Sign } from "../runtime/answer-proof.ts";
import { messageOf } from "../runtime/errors.ts";
import type { Clock } from "../runtime/clock.ts";
import type { LogLevel } from "../runtime/log-level.ts";
import type { Log } from "../runtime/log.ts";
import type { Random } from "../runtime/random.ts";
import type { AccessLog, AccessLogConfig, AccessLogDeps } from "./telemetry/access-log.ts";
import type { Admin, AdminDeps } from "./admin/admin.ts";
import type { Balancer, Observer, RequestRecord, ListenerCounts } from "./balancer.ts";
import { BindFailure } from "./listener/bind-failure.ts";
import type { CanaryControl } from "./config/rollout/canary.ts";
import { createCanaryControl } from "./config/rollout/canary-control.ts";
import { createTurns } from "./config/turns.ts";
import { createConfigControl, type ConfigControl, type Preparation } from "./config/config-control.ts";
import type { CheckAnswer } from "./config/lint/rule.ts";
import { ConfigRefused } from "./config/refused.ts";
import { createChangeLog } from "./config/rollout/change-log.ts";
import { NOBODY, type Identities } from "./config/rollout/identity.ts";
import { openConfig } from "./config/rollout/opening.ts";
import { createRollout } from "./config/rollout/rollout.ts";
import { createServiceMeter } from "./telemetry/service-meter.ts";
import type { BalancerConfig } from "./config/schema.ts";
import type { ConfigStore } from "./config/store.ts";
import { createBalancer } from "./create-balancer.ts";
import type { Exchange } from "./exchange.ts";
import type { ListenerSet } from "./listener/listener-set.ts";
import { createBalancerMetrics } from "./telemetry/metrics-observer.ts";
import { fanOut } from "./observers.ts";
import { newRequestId } from "./request/headers/request-id.ts";
import { createStats } from "./telemetry/stats.ts";
import type { Transport } from "./transport/transport.ts";
import { UnmetNeed } from "./config/unmet-need.ts";
import { type Target, parseAddress } from "./address.ts";

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

/** A balancer that serves. */
export interface RunningBalancer {
  /** Ports that clients connect to, by listener name. */
  ports(): Readonly<Record<string, number>>;
  readonly adminPort: number;
  /** Version of the configuration in force. */
  readonly version: number;
  /** Reads the file again. Never rejects: faults are logged and counted, and the old configuration stays in force. */
  reload(): Promise<boolean>;
  /** Stops accepting, lets requests in flight end for `deadlineMs` at most, and flushes the access log. */
  stop(deadlineMs: number): Promise<void>;
}

/** How long requests to an admin interface may take to end when it closes. */
const ADMIN_CLOSE_MS = 1000;

interface AdminPlace {
  readonly bind: string;
  readonly admin: Admin;
  readonly port: number;
}

/**
 * Puts a balancer together, in any world: core, transport, listeners, admin interface, metrics and access log.
 * Throws ConfigRefused, NOT_FOUND, ENVIRONMENT and BindFailure; then nothing is left running.
 */
export async function assembleBalancer<X extends Exchange>(
  edges: BalancerEdges<X>,
  { clock, random, log, signWay, logLevel, emergency }: BalancerProcessDeps,
): Promise<RunningBalancer> {
  const { store } = edges;
  const metrics = createBalancerMetrics({ clock });
  const changes = createChangeLog(store.beside.changes, {
    clock,
    log,
    onLost: () => void (metrics.rollout.notLogged.of().value += 1),
  });
  const first = openConfig({ clock, log, store, changes, metrics: metrics.rollout, emergency });
  const { parsed } = first;

  const meter = createServiceMeter({ clock });
  const stats = createStats({ clock });
  const usualLevel = log.level;
  let accessLog: AccessLog | undefined;
  const closingLogs = new Set<Promise<void>>();
  const counts = fanOut([metrics, stats]);
  const observer: Observer = {
    ...counts,
    request(record) {
      counts.request(record);
      meter.request(record);
      accessLog?.write(record);
    },
  };
  const transport = edges.createTransport(parsed.config.engine);
  const balancer = createBalancer<X>(parsed.config, first.version, {
    clock,
    random,
    log,
    transport,
    observer,
    signWay,
  });
  const refusedIds = random.fork("refused-request-id");
  const listeners = edges.createListeners({
    balancer,
    onRejected: (record) => observer.request(record),
    newRequestId: () => newRequestId(refusedIds),
  });
  const inTurn = createTurns();
  const onResult = (result: "success" | "failure") => metrics.reloaded(result);
  const rollout = createRollout({
    clock,
    log,
    changes,
    metrics: metrics.rollout,
    meter,
    store,
    balancer,
    control: () => control,
    canary: () => canary,
  });
  const canary: CanaryControl = createCanaryControl({
    clock,
    log,
    store,
    balancer,
    inTurn,
    onResult,
    gate: rollout.gate,
  });
  canary.onEvent((event) => metrics.canary.event(event));
  if (canary.status) metrics.canary.lost(canary.status);
  const control: ConfigControl = createConfigControl({
    clock,
    log,
    store,
    prepare,
    inTurn,
    canary: () => balancer.canary?.version,
    inForce: () => balancer.version,
    active: () => balancer.config,
    probe: edges.probe,
    onResult,
    gate: rollout.gate,
    load: () => meter.load(),
  });
  const connections = (target: Target) => transport.counts(target);
  const certificates = () => listeners.certificateExpiry?.() ?? new Map<string, number>();
  const listenerCounts = () => listeners.counts?.() ?? new Map<string, ListenerCounts>();
  const adminDeps = {
    clock,
    log,
    balancer,
    counts: connections,
    certificates,
    listeners: listenerCounts,
    metrics,
    stats,
    control,
    canary,
    store,
    rollout,
    identities: () => identities,
  };
  let adminPlace: AdminPlace | undefined;
  let identities = NOBODY;

  /** Holds what a configuration needs beyond what is there: addresses and the access log's file. */
  async function prepare(config: BalancerConfig): Promise<Preparation> {
    const newIdentities = edges.readIdentities?.(config) ?? NOBODY;
    const newLog = openLog(config);
    const bound = await listeners.prepare(config).catch(async (error: unknown) => {
      await newLog?.close();
      throw error;
    });
    const cancel = async () => {
      await Promise.all([bound.cancel(), newLog?.close()]);
    };
    const newAdmin = await openAdmin(config).catch(async (error: unknown) => {
      await cancel();
      throw error;
    });
    return {
      ...(bound.certificates && { certificates: bound.certificates }),
      cancel: async () => {
        await Promise.all([cancel(), newAdmin?.admin.close(0)]);
      },
      commit(version) {
        // The first configuration is in force since the core was made with it.
        if (config !== balancer.config) balancer.apply(config, version);
        log.level = logLevel ?? config.log.level ?? usualLevel;
        transport.use(config.engine);
        identities = newIdentities;
        bound.commit();
        const [oldLog, oldAdmin] = [accessLog, adminPlace];
        accessLog = newLog;
        if (oldLog) closeLog(oldLog);
        if (newAdmin === undefined) return;
        adminPlace = newAdmin;
        oldAdmin?.admin
          .close(ADMIN_CLOSE_MS)
          .catch((error: unknown) => log.error({ err: messageOf(error) }, "closing the admin"));
      },
    };
  }

  function closeLog(old: AccessLog): void {
    const closing = old.close().finally(() => closingLogs.delete(closing));
    closingLogs.add(closing);
  }

  function openLog({ accessLog }: BalancerConfig): AccessLog | undefined {
    if (accessLog === undefined || accessLog.format === "off") return undefined;
    try {
      return edges.openAccessLog(
        { path: accessLog.path, format: accessLog.format },
        { log, onDropped: (lines) => metrics.accessLogDropped(lines) },
      );
    } catch (error) {
      const message = `the access log cannot be opened: ${messageOf(error)}`;
      throw new UnmetNeed("ENVIRONMENT", ["accessLog", "path"], message, error);
    }
  }

  async function openAdmin({ admin: { bind } }: BalancerConfig): Promise<AdminPlace | undefined> {
    if (bind === adminPlace?.bind) return undefined;
    const admin = edges.createAdmin(parseAddress(bind), adminDeps);
    try {
      return { bind, admin, port: (await admin.listen()).port };
    } catch (error) {
      await admin.close(0);
      throw new BindFailure(bind, ["admin", "bind"], error);
    }
  }

  let stopping: Promise<void> | undefined;
  async function stop(deadlineMs: number): Promise<void> {
    canary.stop();
    await listeners.close(deadlineMs);
    await adminPlace?.admin.close(ADMIN_CLOSE_MS);
    rollout.stop();
    balancer.close();
    transport.close();
    if (accessLog) closeLog(accessLog);
    await Promise.all(closingLogs);
  }

  try {
    (await prepare(parsed.config)).commit(first.version);
    store.settled(first.version);
    rollout.started(first.push);
  } catch (error) {
    canary.stop();
    rollout.stop();
    balancer.close();
    transport.close();
    // A caller knows more about a port that is taken than about the other failures.
    if (error instanceof UnmetNeed && error.code === "CONFIG_INVALID")
      throw new ConfigRefused([parsed.faultAt(error.path, error.message)]);
    throw error;
  }
  log.info({ version: balancer.version, ports: listeners.ports() }, `serving version ${balancer.version}`);

  return {
    ports: () => listeners.ports(),
    get adminPort() {
      return adminPlace?.port ?? 0;
    },
    get version() {
      return balancer.version;
    },
    reload: () =>
      control.reload().then(
        () => true,
        // Logged and counted already.
        () => false,
      ),
    stop(deadlineMs) {
      stopping ??= stop(deadlineMs);
      return stopping;
    },
  };
}
