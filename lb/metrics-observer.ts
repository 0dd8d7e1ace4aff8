import type { Clock } from "../runtime/clock.ts";
import type { Observer, PoolView, UpstreamView } from "./balancer.ts";
import type { BalancerConfig } from "./config/schema.ts";
import { declareMetrics } from "./metrics.ts";
import { createShareWindow, type ShareWindow } from "./share-window.ts";
import type { ConnectionCounts } from "./transport/transport.ts";

/** What is read at the moment of a scrape. */
export interface ScrapeSource {
  pools(): readonly PoolView[];
  /** Connections to an upstream's `HOST:PORT`. */
  connections(address: string): ConnectionCounts;
  /** Epoch milliseconds at which the first certificate of a listener expires, by its name; absent: no TLS. */
  certificates?(): ReadonlyMap<string, number>;
}

/** The balancer's metrics. The observer's part counts as things happen; gauges are read at each scrape. */
export interface BalancerMetrics extends Observer {
  /** A configuration was asked for: it took effect, or the old one stayed. */
  reloaded(result: "success" | "failure"): void;
  accessLogDropped(lines: number): void;
  /** Prometheus text exposition. */
  scrape(source: ScrapeSource): Promise<string>;
  readonly contentType: string;
}

const STATES = [
  "UP",
  "DOWN",
  "DRAIN",
  "MAINT",
  "EJECTED",
] as const satisfies readonly UpstreamView["state"][];
/** Stands for a route or a pool that a request has outlived, or never had. */
const NONE = "-";

/** Label values are what the configuration in force has: never a path, a host or a user. */
export function createBalancerMetrics({ clock }: { readonly clock: Clock }): BalancerMetrics {
  const meters = declareMetrics();
  const shares = new Map<string, ShareWindow>();
  /** The label values that the configuration in force has. What is still in flight under an old one may have others. */
  let known = { routes: new Set<string>(), pools: new Map<string, ReadonlySet<string>>() };
  /** False until upstreams have been read once: a configuration may have thousands, and nobody sees them before. */
  let begun = false;
  const hasUpstream = (pool: string, upstream: string) => known.pools.get(pool)?.has(upstream) === true;

  function read({ name, queueLength, panic, upstreams }: PoolView, source: ScrapeSource): void {
    meters.queueLength.of(name).set(queueLength);
    meters.panic.of(name).set(panic ? 1 : 0);
    const skew = shares.get(name)?.skew(upstreams);
    if (skew === undefined) meters.skew.drop(name);
    else meters.skew.of(name).set(skew);
    for (const view of upstreams) readUpstream(view, source.connections(view.address));
  }

  function readUpstream(view: UpstreamView, { idle, active, reuses }: ConnectionCounts): void {
    const { pool, name, state, weight, effectiveWeight, inFlight, check } = view;
    if (!begun) {
      meters.tries.of(pool, name, "ok").inc(0);
      meters.ejections.of(pool, name).inc(0);
    }
    meters.inFlight.of(pool, name).set(inFlight);
    for (const each of STATES) meters.state.of(pool, name, each).set(each === state ? 1 : 0);
    meters.weight.of(pool, name).set(weight);
    meters.effectiveWeight.of(pool, name).set(effectiveWeight);
    meters.connections.of(pool, name, "idle").set(idle);
    meters.connections.of(pool, name, "active").set(active);
    meters.reuses.set(pool, name, reuses);
    if (check === undefined) {
      // Without checks nothing is known, and an old result would be a lie.
      meters.checkStatus.drop(pool, name);
      meters.checkDuration.drop(pool, name);
    } else {
      meters.checkStatus.of(pool, name).set(check.ok ? 1 : 0);
      meters.checkDuration.of(pool, name).set(check.durationMs / 1000);
    }
  }

  return {
    request(record) {
      const route = known.routes.has(record.route) ? record.route : NONE;
      const pool = known.pools.has(record.pool) ? record.pool : NONE;
      const code = record.status >= 100 && record.status <= 599 ? String(record.status) : "other";
      meters.requests.of(route, pool, code, record.origin, record.flag).inc();
      meters.duration.of(route).observe(record.totalMs / 1000);
      if (pool === NONE) return;
      if (record.queueMs !== undefined) meters.queueTime.of(pool).observe(record.queueMs / 1000);
      if (record.connectMs !== undefined) meters.connectTime.of(pool).observe(record.connectMs / 1000);
      if (record.responseMs !== undefined) meters.responseTime.of(pool).observe(record.responseMs / 1000);
    },
    attempt(pool, upstream, result) {
      if (!hasUpstream(pool, upstream)) return;
      meters.tries.of(pool, upstream, result).inc();
      shares.get(pool)?.count(upstream);
    },
    retry(pool, reason) {
      if (known.pools.has(pool)) meters.retries.of(pool, reason).inc();
    },
    retryDenied(pool) {
      if (known.pools.has(pool)) meters.retriesDenied.of(pool).inc();
    },
    check() {},
    upstreamState() {},
    ejected(pool, upstream) {
      if (hasUpstream(pool, upstream)) meters.ejections.of(pool, upstream).inc();
    },
    configured(config, version) {
      known = labelsOf(config);
      meters.version.set(version);
      const poolOf = ([pool = NONE]: readonly string[]) => pool === NONE || known.pools.has(pool);
      const routeOf = ([route = NONE, pool = NONE]: readonly string[]) =>
        (route === NONE || known.routes.has(route)) && (pool === NONE || known.pools.has(pool));
      const upstreamOf = ([pool = NONE, upstream = NONE]: readonly string[]) => hasUpstream(pool, upstream);
      for (const family of meters.byRoute) family.retain(routeOf);
      for (const family of meters.byPool) family.retain(poolOf);
      for (const family of meters.byUpstream) family.retain(upstreamOf);
      // What was sent under other weights says nothing about these.
      shares.clear();
      bind(config);
      begun = false;
    },
    reloaded: (result) => meters.reloads.of(result).inc(),
    accessLogDropped: (lines) => meters.accessLogDropped.inc(lines),
    scrape(source) {
      for (const pool of source.pools()) read(pool, source);
      begun = true;
      const certificates = source.certificates?.() ?? new Map<string, number>();
      meters.certificateExpiry.retain(([listener = NONE]) => certificates.has(listener));
      for (const [listener, expiresAt] of certificates)
        meters.certificateExpiry.of(listener).set(Math.floor(expiresAt / 1000));
      return meters.exposition();
    },
    contentType: meters.contentType,
  };

  /** Makes the series that every configuration has, so that they begin at 0 and not with their first event. */
  function bind({ listeners, pools }: BalancerConfig): void {
    for (const { name, routes } of listeners)
      routes.forEach(({ pool }, index) => {
        meters.requests.of(`${name}/${index}`, pool, "200", "upstream", NONE).inc(0);
        meters.duration.of(`${name}/${index}`);
      });
    for (const pool of Object.keys(pools)) {
      shares.set(pool, createShareWindow(clock));
      meters.retriesDenied.of(pool).inc(0);
    }
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
