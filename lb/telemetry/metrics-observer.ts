import type { Clock } from "../../runtime/clock.ts";
import type { MetricRegistry } from "../../runtime/metrics/registry.ts";
import type { Observer } from "../balancer.ts";
import { createCanaryMetrics, type CanaryMetrics } from "./canary-metrics.ts";
import { countAttempt, countRequest } from "./count-traffic.ts";
import { adopt, type MetersInForce } from "./meters-in-force.ts";
import { declareMetrics } from "./metrics.ts";
import type { RolloutMetrics } from "./rollout-metrics.ts";
import { createListenerLevels, readLevels, type ScrapeSource } from "./read-levels.ts";

/** The balancer's metrics. The observer's part counts as things happen; gauges are read at each scrape. */
export interface BalancerMetrics extends Observer {
  /** A configuration was asked for: it took effect, or the old one stayed. */
  reloaded(result: "success" | "failure"): void;
  accessLogDropped(lines: number): void;
  readonly canary: CanaryMetrics;
  /** What the guards of the configuration count. */
  readonly rollout: RolloutMetrics;
  /** The registry, brought up to date. */
  read(source: ScrapeSource): MetricRegistry;
}

/** Label values are what the configuration in force has: never a path, a host or a user. */
export function createBalancerMetrics({ clock }: { readonly clock: Clock }): BalancerMetrics {
  const meters = declareMetrics();
  const inForce: MetersInForce = { meters, routes: new Map(), pools: new Map() };
  const canary = createCanaryMetrics(meters.canary);
  const readListeners = createListenerLevels(meters);

  return {
    request(record) {
      countRequest(inForce, record);
      if (record.arm !== undefined) canary.request(record);
    },
    rollout: meters.rollout,
    attempt: (pool, upstream, result) => countAttempt(inForce, pool, upstream, result),
    retry(pool, reason) {
      if (inForce.pools.has(pool)) meters.retries.of(pool, reason).value += 1;
    },
    retryDenied(pool) {
      if (inForce.pools.has(pool)) meters.retriesDenied.of(pool).value += 1;
    },
    check() {},
    upstreamState() {},
    ejected(pool, upstream) {
      if (inForce.pools.get(pool)?.upstreams.has(upstream) === true)
        meters.ejections.of(pool, upstream).value += 1;
    },
    configured(config, version) {
      meters.version.of().value = version;
      adopt(inForce, config, clock);
    },
    reloaded: (result) => void (meters.reloads.of(result).value += 1),
    canary,
    accessLogDropped: (lines) => void (meters.accessLogDropped.of().value += lines),
    read(source) {
      readLevels(inForce, source);
      readListeners(source);
      return meters.registry;
    },
  };
}
