import { CodedError } from "../runtime/errors.ts";
import type { Balancer, BalancerDeps, RequestRecord } from "./balancer.ts";
import type { BalancerConfig } from "./config/schema.ts";
import type { Exchange } from "./exchange.ts";
import { createForwarding, type Forwarding } from "./request/headers/forwarded.ts";
import { createPool, type Pool } from "./pool/pool.ts";
import { forward } from "./request/forward.ts";
import { createRouter, type Router } from "./request/route.ts";
import { parseAddress } from "./address.ts";

/** All of one version of the configuration that requests are routed by. */
interface Generation {
  readonly config: BalancerConfig;
  readonly version: number;
  readonly forwarding: Forwarding;
  readonly routers: ReadonlyMap<string, Router>;
  readonly pools: ReadonlyMap<string, Pool>;
}

/** Throws CONFIG_INVALID for what the schema cannot see: a route to no pool, a trusted proxy that is no address. */
export function createBalancer<X extends Exchange>(
  config: BalancerConfig,
  version: number,
  deps: BalancerDeps<X>,
): Balancer<X> {
  const { transport, observer, random } = deps;
  const idRandom = random.fork("request-id");
  const proxyDeps = { ...deps, random: random.fork("back-off") };
  let inFlight = 0;
  let generation = takeUp(config, version, undefined);

  function takeUp(config: BalancerConfig, version: number, old: Generation | undefined): Generation {
    // All that can fail comes first: a configuration is taken whole or not at all.
    const forwarding = createForwarding(config, idRandom);
    const routers = new Map(config.listeners.map((listener) => [listener.name, createRouter(listener)]));
    requirePools(config);

    observer.configured(config, version);
    const pools = new Map<string, Pool>();
    for (const [name, poolConfig] of Object.entries(config.pools))
      pools.set(
        name,
        old?.pools.get(name) ??
          createPool(name, poolConfig, { ...deps, random: random.fork(`pool/${name}`) }),
      );
    return { config, version, forwarding, routers, pools };
  }

  /** Ends what the old version has and the new one has not. */
  function retire(old: Generation) {
    // A map, because a pool may be called `constructor`.
    const kept = new Map(Object.entries(generation.config.pools));
    for (const [name, pool] of old.pools) {
      const poolConfig = kept.get(name);
      if (poolConfig) pool.apply(poolConfig);
      else pool.close();
    }
    const gone = addressesOf(old.config);
    for (const { upstreams } of Object.values(generation.config.pools))
      for (const { address } of upstreams) gone.delete(address);
    for (const address of gone) transport.forget(parseAddress(address));
  }

  function finished(record: RequestRecord) {
    inFlight -= 1;
    observer.request(record);
  }

  function change(make: (pool: Pool) => boolean): boolean {
    // Not `some`: the name may be known to several pools, and all of them change.
    return [...generation.pools.values()].filter(make).length > 0;
  }

  return {
    handle(listener, exchange) {
      const { routers, pools, forwarding, config } = generation;
      inFlight += 1;
      const { host, target } = exchange.head;
      // The one target that is of no route: it asks the balancer itself (RFC 9110, 9.3.7).
      const route = target === "*" ? undefined : routers.get(listener)?.(host, target);
      const terms = {
        listener,
        route,
        pool: route && pools.get(route.pool),
        forwarding,
        timeouts: config.timeouts,
      };
      forward(exchange, terms, proxyDeps, finished);
    },
    apply(config, version) {
      const old = generation;
      generation = takeUp(config, version, old);
      retire(old);
    },
    get config() {
      return generation.config;
    },
    get version() {
      return generation.version;
    },
    pools: () => Array.from(generation.pools.values(), (pool) => pool.view()),
    setWeight: (upstream, weight) => change((pool) => pool.setWeight(upstream, weight)),
    setState: (upstream, state) => change((pool) => pool.setState(upstream, state)),
    get inFlight() {
      return inFlight;
    },
    close() {
      for (const pool of generation.pools.values()) pool.stop();
    },
  };
}

function requirePools({ listeners, pools }: BalancerConfig): void {
  for (const { name, routes } of listeners)
    for (const { path, pool } of routes)
      if (!Object.hasOwn(pools, pool))
        throw new CodedError("CONFIG_INVALID", `listener ${name}: route ${path} leads to no pool: ${pool}`);
}

function addressesOf({ pools }: BalancerConfig): Set<string> {
  const addresses = new Set<string>();
  for (const { upstreams } of Object.values(pools))
    for (const { address } of upstreams) addresses.add(address);
  return addresses;
}
