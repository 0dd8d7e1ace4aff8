import { CodedError } from "../runtime/errors.ts";
import type { Balancer, BalancerDeps, CanaryTraffic, Observer, RequestRecord } from "./balancer.ts";
import { bothVersions } from "./config/rollout/both-versions.ts";
import type { BalancerConfig } from "./config/schema.ts";
import type { Exchange } from "./exchange.ts";
import { createForwarding, type Forwarding } from "./request/headers/forwarded.ts";
import { withoutStatesOf } from "./observers.ts";
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

/** A version that serves a part of the users beside the one in force. */
interface Canary {
  readonly generation: Generation;
  readonly traffic: CanaryTraffic;
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
  let canary: Canary | undefined;
  let generation = takeUp(config, version);

  /** `pools`: those that it takes over, by name; all others are new, and share backends with those `beside`. */
  function takeUp(
    config: BalancerConfig,
    version: number,
    {
      pools: known = NO_POOLS,
      beside = NO_POOLS,
      observer: notified = observer,
    }: {
      readonly pools?: ReadonlyMap<string, Pool>;
      readonly beside?: ReadonlyMap<string, Pool>;
      readonly observer?: Observer;
    } = {},
  ): Generation {
    // All that can fail comes first: a configuration is taken whole or not at all.
    const forwarding = createForwarding(config, idRandom);
    const routers = new Map(config.listeners.map((listener) => [listener.name, createRouter(listener)]));
    requirePools(config);

    const pools = new Map<string, Pool>();
    const poolDeps = { ...deps, observer: notified };
    if (notified === observer) observer.configured(withCanary(config, canary), version);
    else observer.configured(bothVersions(generation.config, config), generation.version);
    for (const [name, poolConfig] of Object.entries(config.pools))
      pools.set(
        name,
        known.get(name) ??
          createPool(name, poolConfig, { ...poolDeps, random: random.fork(`pool/${name}`) }, beside.values()),
      );
    return { config, version, forwarding, routers, pools };
  }

  /** Ends what the old version has and the new one has not. `beside`: the pools of a version that serves or served beside it. */
  function retire(old: Generation, beside: ReadonlyMap<string, Pool>) {
    // A map, because a pool may be called `constructor`.
    const kept = new Map(Object.entries(generation.config.pools));
    for (const [name, pool] of old.pools) {
      const poolConfig = kept.get(name);
      if (poolConfig) pool.apply(poolConfig, beside.values());
      else pool.close();
    }
    forgetUnused(old.config);
  }

  /** Closes idle connections to addresses that no version has any more. */
  function forgetUnused(old: BalancerConfig) {
    const gone = addressesOf(old);
    for (const { pools } of [generation.config, ...(canary ? [canary.generation.config] : [])])
      for (const { upstreams } of Object.values(pools))
        for (const { address } of upstreams) gone.delete(address);
    for (const address of gone) transport.forget(parseAddress(address));
  }

  function startCanary(config: BalancerConfig, version: number, traffic: CanaryTraffic) {
    if (canary) throw new Error("there is a canary already");
    canary = {
      generation: takeUp(config, version, {
        beside: generation.pools,
        observer: withoutStatesOf(observer, generation.config),
      }),
      traffic,
    };
  }

  function endCanary(): Generation {
    if (!canary) throw new Error("there is no canary");
    const { generation } = canary;
    canary = undefined;
    return generation;
  }

  function promoteCanary() {
    const next = endCanary();
    const old = generation;
    // Pools that only the canary has become those of all; its other ones have a counterpart, which gets its settings.
    generation = takeUp(next.config, next.version, { pools: new Map([...next.pools, ...old.pools]) });
    retire(old, next.pools);
    for (const [name, pool] of next.pools) {
      const poolConfig = next.config.pools[name];
      if (old.pools.has(name)) pool.retire();
      else if (poolConfig) pool.apply(poolConfig);
    }
  }

  function abortCanary() {
    const ended = endCanary();
    for (const pool of ended.pools.values()) pool.retire();
    observer.configured(generation.config, generation.version);
    forgetUnused(ended.config);
  }

  function carry(
    { routers, pools, forwarding, config }: Generation,
    listener: string,
    exchange: X,
    finished: (record: RequestRecord) => void,
  ) {
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
  }

  /** While two versions serve: by the one that its user meets. */
  function carryByArm({ traffic, generation: second }: Canary, listener: string, exchange: X) {
    const arm = traffic.armOf(exchange);
    const met = arm === "canary" ? second : generation;
    carry(met, listener, exchange, (record) => {
      const known = { ...record, configVersion: met.version, arm };
      finished(known);
      traffic.ended(known, arm);
    });
  }

  function finished(record: RequestRecord) {
    inFlight -= 1;
    observer.request(record);
  }

  function change(make: (pool: Pool) => boolean): boolean {
    const pools = [...generation.pools.values(), ...(canary?.generation.pools.values() ?? [])];
    // Not `some`: the name may be known to several pools, and all of them change.
    return pools.filter(make).length > 0;
  }

  return {
    handle(listener, exchange) {
      if (canary) carryByArm(canary, listener, exchange);
      else carry(generation, listener, exchange, finished);
    },
    apply(config, version) {
      const old = generation;
      const beside = canary?.generation.pools ?? NO_POOLS;
      generation = takeUp(config, version, { pools: old.pools, beside });
      retire(old, beside);
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
    startCanary,
    promoteCanary,
    abortCanary,
    get canary() {
      if (!canary) return undefined;
      const { config, version, pools } = canary.generation;
      return { config, version, pools: () => Array.from(pools.values(), (pool) => pool.view()) };
    },
    get inFlight() {
      return inFlight;
    },
    close() {
      for (const pool of generation.pools.values()) pool.stop();
      for (const pool of canary?.generation.pools.values() ?? []) pool.stop();
    },
  };
}

const NO_POOLS: ReadonlyMap<string, Pool> = new Map();

const withCanary = (config: BalancerConfig, canary: Canary | undefined): BalancerConfig =>
  canary ? bothVersions(config, canary.generation.config) : config;

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
