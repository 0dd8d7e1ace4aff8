import { hasRoom, availableOf, type PoolFacts, type UpstreamFacts } from "./facts.ts";

/**
 * Whether a policy that chooses by what can be seen from outside should have chosen another than `to`, for a request that
 * has just come and is bound to no upstream: returns which. Slow starts are left out: their weights are not visible.
 */
export function checkChoice(pool: PoolFacts, to: UpstreamFacts): string | undefined {
  const { policy, slowStartMs } = pool.config;
  const rank = RANKS[policy.type];
  if (!rank || slowStartMs > 0) return undefined;
  const better = availableOf(pool).find((one) => one !== to && hasRoom(one) && rank(one, to) < 0);
  return better && `${better.name} ranks before it (${better.places} of ${better.maxConnections} in flight)`;
}

type Rank = (one: UpstreamFacts, other: UpstreamFacts) => number;

const RANKS: Readonly<Record<string, Rank>> = {
  first: (one, other) => one.order - other.order,
  "least-connections": (one, other) => (one.places + 1) * other.weight - (other.places + 1) * one.weight,
};
