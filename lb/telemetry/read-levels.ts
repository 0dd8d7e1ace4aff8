import type { CountsOfListeners, ListenerCounts, PoolView } from "../balancer.ts";
import type { ConnectionCounts } from "../transport/transport.ts";
import { NONE, type MetersInForce } from "./meters-in-force.ts";
import type { Meters } from "./metrics.ts";
import { createUpstreamLevels } from "./upstream-levels.ts";

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

/** Brings the gauges of pools, their upstreams and certificates up to date. */
export function readLevels(inForce: MetersInForce, source: ScrapeSource): void {
  for (const pool of source.pools()) readPool(inForce, pool, source);
  const { certificateExpiry } = inForce.meters;
  const certificates = source.certificates?.() ?? new Map<string, number>();
  certificateExpiry.retain(([listener = NONE]) => certificates.has(listener));
  for (const [listener, expiresAt] of certificates)
    certificateExpiry.of(listener).value = Math.floor(expiresAt / 1000);
}

function readPool(
  { meters, pools }: MetersInForce,
  { name, queueLength, panic, upstreams }: PoolView,
  source: ScrapeSource,
): void {
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

/** Brings the series of listeners up to date. */
export function createListenerLevels(meters: Meters): (source: ScrapeSource) => void {
  /** By listener, how many refused connections its counter has counted. */
  const refusedCounted = new Map<string, number>();
  return (source) => {
    const listeners = source.listeners?.() ?? new Map<string, ListenerCounts>();
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
  };
}
