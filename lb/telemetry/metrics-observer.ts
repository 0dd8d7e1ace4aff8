import type { Clock } from "../../runtime/clock.ts";
import type { Buckets } from "../../runtime/metrics/buckets.ts";
import type { NumberSeries } from "../../runtime/metrics/family.ts";
import type { MetricRegistry } from "../../runtime/metrics/registry.ts";
import type { Observer, PoolView, RequestRecord, CountsOfListeners, ListenerCounts } from "../balancer.ts";
import type { BalancerConfig } from "../config/schema.ts";
import { declareMetrics } from "./metrics.ts";
import type { AttemptResult } from "../outcome.ts";
import { createShareWindow, type ShareCount, type ShareWindow } from "./share-window.ts";
import type { ConnectionCounts } from "../transport/transport.ts";
import { createUpstreamLevels, type UpstreamLevels } from "./upstream-levels.ts";

/** What is read at the moment of a scrape. */
export interface ScrapeSource {
  pools(): readonly PoolView[];
  /** Connections to an upstream's `HOST:PORT`. */
  connections(address: string): ConnectionCounts;
  /** Epoch milliseconds at which the first certificate of a listener expires, by its name; absent: no TLS. */
  certificates?(): ReadonlyMap<string, number>;
  /** What is counted of each listener's connections; absent: nothing. */
  listeners?(): CountsOfListeners;
}

/** The balancer's metrics. The observer's part counts as things happen; gauges are read at each scrape. */
export interface BalancerMetrics extends Observer {
  /** A configuration was asked for: it took effect, or the old one stayed. */
  reloaded(result: "success" | "failure"): void;
  accessLogDropped(lines: number): void;
  /** The registry, brought up to date. */
  read(source: ScrapeSource): MetricRegistry;
}

/** Stands for a route or a pool that a request has outlived, or never had. */
const NONE = "-";

/** What is counted of one route. */
interface RouteMeters {
  readonly label: string;
  readonly duration: Buckets;
  /** A few: found by going through them faster than by making a key of them. */
  readonly answers: AnswerMeter[];
}

interface AnswerMeter extends Pick<RequestRecord, "pool" | "status" | "origin" | "flag"> {
  readonly count: NumberSeries;
}

/** What is counted of one pool. */
interface PoolMeters {
  readonly queueTime: Buckets;
  readonly connectTime: Buckets;
  readonly responseTime: Buckets;
  readonly share: ShareWindow;
  readonly levels: Map<string, UpstreamLevels>;
  /** Undefined until something is sent to it: of thousands most are idle. */
  readonly upstreams: Map<string, UpstreamMeters | undefined>;
}

interface UpstreamMeters {
  readonly share: ShareCount;
  readonly results: { readonly result: AttemptResult; readonly count: NumberSeries }[];
}

/** Label values are what the configuration in force has: never a path, a host or a user. */
export function createBalancerMetrics({ clock }: { readonly clock: Clock }): BalancerMetrics {
  const meters = declareMetrics();
  /** By the label values that the configuration in force has. What is still in flight under an old one may have others. */
  let routes = new Map<string, RouteMeters | undefined>();
  let pools = new Map<string, PoolMeters>();
  /** By listener, how many refused connections its counter has counted. */
  const refusedCounted = new Map<string, number>();
  const hasUpstream = (pool: string, upstream: string) => pools.get(pool)?.upstreams.has(upstream) === true;

  function routeMeters(given: string): RouteMeters {
    const label = routes.has(given) ? given : NONE;
    let route = routes.get(label);
    if (!route)
      routes.set(label, (route = { label, duration: meters.duration.of(label).buckets, answers: [] }));
    return route;
  }

  function countAnswer({ label, answers }: RouteMeters, { pool, status, origin, flag }: RequestRecord): void {
    for (const answer of answers)
      if (
        answer.status === status &&
        answer.flag === flag &&
        answer.origin === origin &&
        answer.pool === pool
      ) {
        answer.count.value += 1;
        return;
      }
    const code = status >= 100 && status <= 599 ? String(status) : "other";
    const count = meters.requests.of(label, pools.has(pool) ? pool : NONE, code, origin, flag);
    count.value += 1;
    // Codes that no HTTP answer has are no closed set.
    if (code !== "other") answers.push({ pool, status, origin, flag, count });
  }

  function upstreamMeters({ upstreams, share }: PoolMeters, name: string): UpstreamMeters | undefined {
    const known = upstreams.get(name);
    if (known || !upstreams.has(name)) return known;
    const made = { share: share.of(name), results: [] };
    upstreams.set(name, made);
    return made;
  }

  function readPool({ name, queueLength, panic, upstreams }: PoolView, source: ScrapeSource): void {
    meters.queueLength.of(name).value = queueLength;
    meters.panic.of(name).value = panic ? 1 : 0;
    const pool = pools.get(name);
    const skew = pool?.share.skew(upstreams);
    if (skew === undefined) meters.skew.drop(name);
    else meters.skew.of(name).value = skew;
    for (const view of upstreams) {
      let levels = pool?.levels.get(view.name);
      if (!levels) pool?.levels.set(view.name, (levels = createUpstreamLevels(meters, name, view.name)));
      levels?.read(view, source.connections(view.address));
    }
  }

  return {
    request(record) {
      const route = routes.get(record.route) ?? routeMeters(record.route);
      countAnswer(route, record);
      if (record.reason !== undefined) meters.reasons.of(record.reason).value += 1;
      route.duration.observe(record.totalMs / 1000);
      const pool = pools.get(record.pool);
      if (!pool) return;
      if (record.queueMs !== undefined) pool.queueTime.observe(record.queueMs / 1000);
      if (record.connectMs !== undefined) pool.connectTime.observe(record.connectMs / 1000);
      if (record.responseMs !== undefined) pool.responseTime.observe(record.responseMs / 1000);
    },
    attempt(poolName, name, result) {
      const pool = pools.get(poolName);
      const upstream = pool && upstreamMeters(pool, name);
      if (!upstream) return;
      pool.share.count(upstream.share);
      for (const known of upstream.results)
        if (known.result === result) {
          known.count.value += 1;
          return;
        }
      const count = meters.attempts.of(poolName, name, result);
      count.value += 1;
      upstream.results.push({ result, count });
    },
    retry(pool, reason) {
      if (pools.has(pool)) meters.retries.of(pool, reason).value += 1;
    },
    retryDenied(pool) {
      if (pools.has(pool)) meters.retriesDenied.of(pool).value += 1;
    },
    check() {},
    upstreamState() {},
    ejected(pool, upstream) {
      if (hasUpstream(pool, upstream)) meters.ejections.of(pool, upstream).value += 1;
    },
    configured(config, version) {
      meters.version.of().value = version;
      const wanted = labelsOf(config);
      const poolOf = ([pool = NONE]: readonly string[]) => pool === NONE || wanted.pools.has(pool);
      const routeOf = ([route = NONE, pool = NONE]: readonly string[]) =>
        (route === NONE || wanted.routes.has(route)) && (pool === NONE || wanted.pools.has(pool));
      const upstreamOf = ([pool = NONE, upstream = NONE]: readonly string[]) =>
        wanted.pools.get(pool)?.has(upstream) === true;
      for (const family of meters.byRoute) family.retain(routeOf);
      for (const family of meters.byPool) family.retain(poolOf);
      for (const family of meters.byUpstream) family.retain(upstreamOf);
      routes = new Map([...wanted.routes].map((route) => [route, undefined]));
      // Attempts under other weights do not count: the shares begin anew.
      pools = new Map([...wanted.pools].map(([pool, upstreams]) => [pool, poolMeters(pool, upstreams)]));
      bind(config);
    },
    reloaded: (result) => void (meters.reloads.of(result).value += 1),
    accessLogDropped: (lines) => void (meters.accessLogDropped.of().value += lines),
    read: readAll,
  };

  function readAll(source: ScrapeSource): MetricRegistry {
    for (const pool of source.pools()) readPool(pool, source);
    const certificates = source.certificates?.() ?? new Map<string, number>();
    meters.certificateExpiry.retain(([listener = NONE]) => certificates.has(listener));
    for (const [listener, expiresAt] of certificates)
      meters.certificateExpiry.of(listener).value = Math.floor(expiresAt / 1000);
    readListeners(source.listeners?.() ?? new Map<string, ListenerCounts>());
    return meters.registry;
  }

  function readListeners(listeners: CountsOfListeners): void {
    const known = ([listener = NONE]: readonly string[]) => listeners.has(listener);
    for (const family of [meters.listenerConnections, meters.listenerLimit, meters.listenerRefused])
      family.retain(known);
    for (const [name, { open, maxConnections, refused }] of listeners) {
      meters.listenerConnections.of(name).value = open;
      meters.listenerLimit.of(name).value = maxConnections;
      // A listener under a new name begins anew.
      const before = refusedCounted.get(name) ?? 0;
      meters.listenerRefused.of(name).value += refused - Math.min(before, refused);
      refusedCounted.set(name, refused);
    }
    for (const name of refusedCounted.keys()) if (!listeners.has(name)) refusedCounted.delete(name);
  }

  /** Makes the series that every configuration has, so that they begin at 0 and not with their first event. */
  function bind({ listeners, pools }: BalancerConfig): void {
    for (const { name, routes } of listeners)
      routes.forEach(({ pool }, index) => {
        meters.requests.of(`${name}/${index}`, pool, "200", "upstream", NONE);
      });
    for (const pool of Object.keys(pools)) meters.retriesDenied.of(pool);
  }

  function poolMeters(pool: string, upstreams: ReadonlySet<string>): PoolMeters {
    return {
      queueTime: meters.queueTime.of(pool).buckets,
      connectTime: meters.connectTime.of(pool).buckets,
      responseTime: meters.responseTime.of(pool).buckets,
      share: createShareWindow(clock),
      levels: new Map(),
      upstreams: new Map([...upstreams].map((name) => [name, undefined])),
    };
  }
}

function labelsOf({ listeners, pools }: BalancerConfig) {
  return {
    routes: new Set(listeners.flatMap(({ name, routes }) => routes.map((_, index) => `${name}/${index}`))),
    pools: new Map(
      Object.entries(pools).map(([pool, { upstreams }]) => [
        pool,
        new Set(upstreams.map(({ name }) => name)),
      ]),
    ),
  };
}
