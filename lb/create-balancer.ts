import type { Balancer, BalancerDeps, RequestRecord } from "./balancer.ts";
import type { BalancerConfig } from "./config/schema.ts";
import type { Exchange } from "./exchange.ts";
import { createGenerations, type CanaryGeneration, type Generation } from "./generations.ts";
import type { Pool } from "./pool/pool.ts";
import { forward } from "./request/forward.ts";

/** Throws CONFIG_INVALID for what the schema cannot see: a route to no pool, a trusted proxy that is no address. */
export function createBalancer<X extends Exchange>(
  config: BalancerConfig,
  version: number,
  deps: BalancerDeps<X>,
): Balancer<X> {
  const generations = createGenerations(config, version, deps);
  const traffic = createTraffic(deps);

  function allPools(): Pool[] {
    const { current, canary } = generations;
    return [...current.pools.values(), ...(canary?.generation.pools.values() ?? [])];
  }

  // Not `some`: the name may be known to several pools, and all of them change.
  const change = (make: (pool: Pool) => boolean): boolean => allPools().filter(make).length > 0;

  return {
    handle(listener, exchange) {
      const { current, canary } = generations;
      if (canary) traffic.carryByArm(current, canary, listener, exchange);
      else traffic.carry(current, listener, exchange);
    },
    apply: (config, version) => generations.apply(config, version),
    get config() {
      return generations.current.config;
    },
    get version() {
      return generations.current.version;
    },
    pools: () => viewsOf(generations.current),
    setWeight: (upstream, weight) => change((pool) => pool.setWeight(upstream, weight)),
    setState: (upstream, state) => change((pool) => pool.setState(upstream, state)),
    startCanary: (config, version, arms) => generations.startCanary(config, version, arms),
    promoteCanary: () => generations.promoteCanary(),
    abortCanary: () => generations.abortCanary(),
    get canary() {
      if (!generations.canary) return undefined;
      const { generation } = generations.canary;
      const { config, version } = generation;
      return { config, version, pools: () => viewsOf(generation) };
    },
    get inFlight() {
      return traffic.inFlight;
    },
    close() {
      for (const pool of allPools()) pool.stop();
    },
  };
}

const viewsOf = ({ pools }: Generation) => Array.from(pools.values(), (pool) => pool.view());

/** Requests on their way, each by one version. */
function createTraffic<X extends Exchange>(deps: BalancerDeps<X>) {
  const { observer } = deps;
  const forwardDeps = { ...deps, random: deps.random.fork("back-off") };
  let inFlight = 0;

  function finished(record: RequestRecord): void {
    inFlight -= 1;
    observer.request(record);
  }

  function carry(
    { routers, pools, forwarding, config }: Generation,
    listener: string,
    exchange: X,
    done: (record: RequestRecord) => void = finished,
  ): void {
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
    forward(exchange, terms, forwardDeps, done);
  }

  return {
    get inFlight() {
      return inFlight;
    },
    carry,
    /** While two versions serve: by the one that its user meets. */
    carryByArm(stable: Generation, canary: CanaryGeneration, listener: string, exchange: X): void {
      const arm = canary.traffic.armOf(exchange);
      const met = arm === "canary" ? canary.generation : stable;
      carry(met, listener, exchange, (record) => {
        const known = { ...record, configVersion: met.version, arm };
        finished(known);
        canary.traffic.ended(known, arm);
      });
    },
  };
}
