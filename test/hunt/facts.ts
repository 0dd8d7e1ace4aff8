import type { UpstreamState } from "../../lb/balancer.ts";
import type { BalancerConfig, PoolConfig, UpstreamConfig } from "../../lb/config/schema.ts";
import type { TrackedRequest } from "./tracked-request.ts";

/** What is known of an upstream from outside: what people set, the reported state, and its requests in flight. */
export interface UpstreamFacts {
  readonly name: string;
  readonly address: string;
  order: number;
  weight: number;
  maxConnections: number;
  admin: UpstreamConfig["state"];
  /** Requests that have a place in flight. */
  places: number;
  /** Of those, requests whose last attempt has ended and that have not: for a moment only the core knows their next step. */
  between: number;
  reported: UpstreamState | undefined;
  /** Checks in a row with the same result: passed if positive, failed if negative. */
  checks: number;
  /** Failed attempts in a row. */
  failures: number;
}

export interface PoolFacts {
  readonly name: string;
  config: PoolConfig;
  upstreams: ReadonlyMap<string, UpstreamFacts>;
  /** In the order of arrival. */
  readonly waiting: Set<TrackedRequest>;
  /** Some request may ever have been bound to one upstream, by its key or its cookie. */
  everBound: boolean;
  everBackedOff: boolean;
  /** Some upstream has left since it began: results reported by its name may be those of another. */
  everLost: boolean;
  /** Whole seconds at which requests came, and retries were made. */
  readonly requestSeconds: number[];
  readonly retrySeconds: number[];
}

/** The hunt's own account of what is in force, kept beside the balancer's. */
export interface Facts {
  readonly pools: ReadonlyMap<string, PoolFacts>;
  configure(config: BalancerConfig): void;
  setWeight(upstream: string, weight: number): void;
  setState(upstream: string, state: UpstreamConfig["state"]): void;
}

export const PINNING: ReadonlySet<string> = new Set(["ring-hash", "maglev"]);

export function createFacts(): Facts {
  let pools = new Map<string, PoolFacts>();

  function poolFor(name: string, config: PoolConfig): PoolFacts {
    const old = pools.get(name);
    const bound = PINNING.has(config.policy.type) || config.sticky !== undefined;
    if (!old)
      return {
        name,
        config,
        upstreams: upstreamsFor(config, new Map()),
        waiting: new Set(),
        everBound: bound,
        everBackedOff: config.retry.backoffMs > 0,
        everLost: false,
        requestSeconds: [],
        retrySeconds: [],
      };
    const kept = old.upstreams;
    old.config = config;
    if (!config.health) for (const one of kept.values()) one.checks = 0;
    old.everBound ||= bound;
    old.everBackedOff ||= config.retry.backoffMs > 0;
    old.upstreams = upstreamsFor(config, kept);
    for (const one of kept.values()) old.everLost ||= old.upstreams.get(one.name) !== one;
    return old;
  }

  const named = (name: string): UpstreamFacts[] =>
    [...pools.values()].flatMap(({ upstreams }) => upstreams.get(name) ?? []);

  return {
    get pools() {
      return pools;
    },
    configure(config) {
      pools = new Map(Object.entries(config.pools).map(([name, pool]) => [name, poolFor(name, pool)]));
    },
    setWeight: (name, weight) => named(name).forEach((one) => (one.weight = weight)),
    setState: (name, state) => named(name).forEach((one) => (one.admin = state)),
  };
}

function upstreamsFor(
  config: PoolConfig,
  kept: ReadonlyMap<string, UpstreamFacts>,
): Map<string, UpstreamFacts> {
  return new Map(
    config.upstreams.map(({ name, address, weight, maxConnections, state: admin }, order) => {
      const old = kept.get(name);
      const settings = { order, weight, maxConnections, admin };
      if (old?.address === address) return [name, Object.assign(old, settings)];
      const fresh = { name, address, places: 0, between: 0, reported: undefined, checks: 0, failures: 0 };
      return [name, { ...fresh, ...settings }];
    }),
  );
}

const isAble = ({ admin, weight }: UpstreamFacts): boolean => admin === "ready" && weight > 0;
/** The state of one that has just come, or come back from maintenance, is reported in a moment. */
const isWell = ({ reported }: UpstreamFacts): boolean => reported !== "DOWN" && reported !== "EJECTED";

export function isPanic({ config, upstreams }: PoolFacts): boolean {
  return config.allDown === "all" && ![...upstreams.values()].some((one) => isAble(one) && isWell(one));
}

/** Those that may get requests, now or when they have room, in the order of the configuration. */
export function availableOf(pool: PoolFacts): UpstreamFacts[] {
  const panic = isPanic(pool);
  return [...pool.upstreams.values()].filter((one) => isAble(one) && (panic || isWell(one)));
}

export const hasRoom = ({ places, maxConnections }: UpstreamFacts): boolean => places < maxConnections;

export function takePlace(tracked: TrackedRequest, upstream: UpstreamFacts): void {
  tracked.place = upstream;
  upstream.places += 1;
}

export function leavePlace(tracked: TrackedRequest): void {
  if (!tracked.place) return;
  setBetween(tracked, false);
  tracked.place.places -= 1;
  tracked.place = undefined;
}

export function setBetween(tracked: TrackedRequest, between: boolean): void {
  if (!tracked.place || tracked.between === between) return;
  tracked.between = between;
  tracked.place.between += between ? 1 : -1;
}
