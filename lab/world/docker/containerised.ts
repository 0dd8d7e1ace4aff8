import type { UnitConfig } from "../unit-config.ts";
import type { Topology } from "../../../scenarios/scenario.ts";

const LOOPBACK_ADDRESS = /127\.0\.0\.1:(\d+)/g;

/** How one machine's loopback addresses map to a network of containers. */
export interface Addresses {
  /** Ports of the balancer's machine, on which it and all containers in its network listen. */
  readonly host: ReadonlySet<number>;
  /** Backends by their ports. */
  readonly backends: ReadonlyMap<number, string>;
}

/** Host name, in the network, of the machine that the balancer runs on. */
export const HOST_SERVICE = "host";

export function addressesOf({ backends }: Topology, host: readonly number[]): Addresses {
  return {
    host: new Set(host),
    backends: new Map(backends.map(({ port, name }) => [port, name])),
  };
}

/**
 * A copy of plain data in which backends are addressed by their names. An address of the balancer's machine is either
 * one to listen on, on every interface, or another machine's way to it. Addresses without a listener stay as they are.
 */
export function containerised<T>(data: T, addresses: Addresses, whose: "the balancer's" | "another's"): T {
  return walk(data) as T;

  function walk(value: unknown): unknown {
    if (typeof value === "string") return value.replace(LOOPBACK_ADDRESS, renamed);
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner)]));
  }

  function renamed(whole: string, text: string): string {
    const port = Number(text);
    if (addresses.host.has(port)) return `${whose === "the balancer's" ? "0.0.0.0" : HOST_SERVICE}:${port}`;
    const backend = addresses.backends.get(port);
    return backend === undefined ? whole : `${backend}:${port}`;
  }
}

/** A unit's configuration inside its container: other units are addressed by name, and it listens on every interface. */
export function insideContainer(unit: string, given: UnitConfig, addresses: Addresses): UnitConfig {
  const renamed = containerised(given, addresses, unit === "balancer" ? "the balancer's" : "another's");
  if ("role" in given) return { ...renamed, host: "0.0.0.0" };
  return "metricsPort" in given ? { ...renamed, metricsHost: "0.0.0.0" } : renamed;
}
