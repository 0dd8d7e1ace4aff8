import type { PoolStatus } from "./world.ts";

/**
 * What somebody set of each upstream at run time, by `pool/upstream`. Health is the checks' business, and comes and goes.
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
