import { CodedError } from "../runtime/errors.ts";
import { parseAddress, type Target } from "./address.ts";
import type { BalancerDeps, CanaryTraffic, Observer } from "./balancer.ts";
import { bothVersions } from "./config/rollout/both-versions.ts";
import type { BalancerConfig } from "./config/schema.ts";
import type { Exchange } from "./exchange.ts";
import { withoutStatesOf } from "./observers.ts";
import { createPool, type Pool } from "./pool/pool.ts";
import { createForwarding, type Forwarding } from "./request/headers/forwarded.ts";
import { createRouter, type Router } from "./request/route.ts";

/** All of one version of the configuration that requests are routed by. */
export interface Generation {
  readonly config: BalancerConfig;
  readonly version: number;
  readonly forwarding: Forwarding;
  readonly routers: ReadonlyMap<string, Router>;
  readonly pools: ReadonlyMap<string, Pool>;
}

/** A version that serves a part of the users beside the one in force. */
export interface CanaryGeneration {
  readonly generation: Generation;
  readonly traffic: CanaryTraffic;
}

/** The version in force, and the canary beside it. */
export interface Generations {
  readonly current: Generation;
  readonly canary: CanaryGeneration | undefined;
  /** Throws CONFIG_INVALID for what the schema cannot see; then the old version stays, whole. */
  apply(config: BalancerConfig, version: number): void;
  /** Throws what `apply` does, and a bug when there is one already. */
  startCanary(config: BalancerConfig, version: number, traffic: CanaryTraffic): void;
  promoteCanary(): void;
  abortCanary(): void;
}

/** Whom a version takes over, and who serves beside it. */
interface Others {
  /** Pools that it takes over, by name; all others are new. */
  readonly pools?: ReadonlyMap<string, Pool>;
  /** Those of another version, with which new pools share backends. */
  readonly beside?: ReadonlyMap<string, Pool>;
  readonly observer?: Observer;
}

/** Throws CONFIG_INVALID for what the schema cannot see: a route to no pool, a trusted proxy that is no address. */
export function createGenerations<X extends Exchange>(
  config: BalancerConfig,
  version: number,
  deps: BalancerDeps<X>,
): Generations {
  const { observer } = deps;
  const takeUp = createTakeUp(deps);
  let canary: CanaryGeneration | undefined;
  let generation = inForce(config, version);

  function inForce(config: BalancerConfig, version: number, others: Others = {}): Generation {
    return takeUp(config, version, others, () => observer.configured(withCanary(config, canary), version));
  }

  /** Closes idle connections to addresses that no version has any more. */
  function forgetUnused(old: BalancerConfig): void {
    const serving = canary ? [generation, canary.generation] : [generation];
    for (const address of unused(old, serving)) deps.transport.forget(address);
  }

  function endCanary(): Generation {
    if (!canary) throw new Error("there is no canary");
    const { generation } = canary;
    canary = undefined;
    return generation;
  }

  return {
    get current() {
      return generation;
    },
    get canary() {
      return canary;
    },
    apply(config, version) {
      const old = generation;
      const beside = canary?.generation.pools ?? NO_POOLS;
      generation = inForce(config, version, { pools: old.pools, beside });
      retire(old, generation, beside);
      forgetUnused(old.config);
    },
    startCanary(config, version, traffic) {
      if (canary) throw new Error("there is a canary already");
      const { pools: beside, config: stable, version: stableVersion } = generation;
      const others = { beside, observer: withoutStatesOf(observer, stable) };
      canary = {
        generation: takeUp(config, version, others, () =>
          observer.configured(bothVersions(stable, config), stableVersion),
        ),
        traffic,
      };
    },
    promoteCanary() {
      const next = endCanary();
      const old = generation;
      // Pools that only the canary has become those of all; its other ones have a counterpart, which gets its settings.
      generation = inForce(next.config, next.version, { pools: new Map([...next.pools, ...old.pools]) });
      retire(old, generation, next.pools);
      forgetUnused(old.config);
      handOver(next, old);
    },
    abortCanary() {
      const ended = endCanary();
      for (const pool of ended.pools.values()) pool.retire();
      observer.configured(generation.config, generation.version);
      forgetUnused(ended.config);
    },
  };
}

/** Makes all of a version; `announce` is called when nothing of it can fail any more, before its pools are made. */
function createTakeUp<X extends Exchange>(deps: BalancerDeps<X>) {
  const { random } = deps;
  const idRandom = random.fork("request-id");
  return (
    config: BalancerConfig,
    version: number,
    { pools: known = NO_POOLS, beside = NO_POOLS, observer = deps.observer }: Others,
    announce: () => void,
  ): Generation => {
    // All that can fail comes first: a configuration is taken whole or not at all.
    const forwarding = createForwarding(config, idRandom);
    const routers = new Map(config.listeners.map((listener) => [listener.name, createRouter(listener)]));
    requirePools(config);
    announce();
    const pools = new Map<string, Pool>();
    for (const [name, poolConfig] of Object.entries(config.pools)) {
      const poolDeps = { ...deps, observer, random: random.fork(`pool/${name}`) };
      pools.set(name, known.get(name) ?? createPool(name, poolConfig, poolDeps, beside.values()));
    }
    return { config, version, forwarding, routers, pools };
  };
}

/** A canary's pools that all versions had end; its others go on by themselves. */
function handOver(canary: Generation, old: Generation): void {
  for (const [name, pool] of canary.pools) {
    const poolConfig = canary.config.pools[name];
    if (old.pools.has(name)) pool.retire();
    else if (poolConfig) pool.apply(poolConfig);
  }
}

/** Ends what the old version has and the new one has not. `beside`: the pools of a version that serves or served beside it. */
function retire(old: Generation, { config }: Generation, beside: ReadonlyMap<string, Pool>): void {
  // A map, because a pool may be called `constructor`.
  const kept = new Map(Object.entries(config.pools));
  for (const [name, pool] of old.pools) {
    const poolConfig = kept.get(name);
    if (poolConfig) pool.apply(poolConfig, beside.values());
    else pool.close();
  }
}

const NO_POOLS: ReadonlyMap<string, Pool> = new Map();

const withCanary = (config: BalancerConfig, canary: CanaryGeneration | undefined): BalancerConfig =>
  canary ? bothVersions(config, canary.generation.config) : config;

function requirePools({ listeners, pools }: BalancerConfig): void {
  for (const { name, routes } of listeners)
    for (const { path, pool } of routes)
      if (!Object.hasOwn(pools, pool))
        throw new CodedError("CONFIG_INVALID", `listener ${name}: route ${path} leads to no pool: ${pool}`);
}

/** Addresses of one that those which serve have not. */
function unused(old: BalancerConfig, serving: readonly Generation[]): readonly Target[] {
  const gone = addressesOf(old);
  for (const { config } of serving) for (const address of addressesOf(config)) gone.delete(address);
  return Array.from(gone, parseAddress);
}

function addressesOf({ pools }: BalancerConfig): Set<string> {
  const addresses = new Set<string>();
  for (const { upstreams } of Object.values(pools))
    for (const { address } of upstreams) addresses.add(address);
  return addresses;
}
