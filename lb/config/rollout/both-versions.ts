import type { BalancerConfig } from "../schema.ts";

/** All routes, pools and upstreams of two versions, as observers fix their labels by them. */
export function bothVersions(one: BalancerConfig, other: BalancerConfig): BalancerConfig {
  const pools = new Map(Object.entries(one.pools));
  for (const [name, pool] of Object.entries(other.pools)) {
    const known = pools.get(name);
    const names = new Set(known?.upstreams.map((upstream) => upstream.name));
    const added = pool.upstreams.filter((upstream) => !names.has(upstream.name));
    pools.set(name, known ? { ...known, upstreams: [...known.upstreams, ...added] } : pool);
  }
  return {
    ...one,
    listeners: [...one.listeners, ...other.listeners],
    pools: Object.fromEntries(pools),
  };
}
