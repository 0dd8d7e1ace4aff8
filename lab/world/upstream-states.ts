import type { PoolStatus } from "./world.ts";

/**
 * State and weight of each upstream as set at run time, by `pool/upstream`. Health is not part of it: it comes and goes.
 */
export function upstreamStates(pools: readonly PoolStatus[]): Record<string, string> {
  return Object.fromEntries(
    pools.flatMap(({ pool, upstreams }) =>
      upstreams.map(({ upstream, state, weight }) => [
        `${pool}/${upstream}`,
        `${state === "DRAIN" || state === "MAINT" ? state : "ready"} weight ${weight}`,
      ]),
    ),
  );
}
