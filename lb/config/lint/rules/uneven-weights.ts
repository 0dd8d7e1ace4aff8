import type { PoolConfig } from "../../schema.ts";
import type { Rule } from "../rule.ts";
import { eachPool } from "../each-pool.ts";

/** How many times its fair share an upstream may get before it is reported. */
const TOLERANCE = 1.5;

export const rule: Rule = {
  code: "UNEVEN_WEIGHTS",
  severity: "warning",
  title: "One upstream gets more than its fair share",
  page: `Weights give one upstream at least 1.5 times what it would get if all were equal. It is the first to be full, and
what it refuses looks like a failure of some users while the others notice nothing. Averages over the pool hide it:
look at each upstream.

Give equal machines equal weights. Where one really can take more, raise its maxConnections with its weight, and set an
alert on lb_distribution_skew, which is relative to the weights and so stays at 1.`,
  find: ({ config }) =>
    eachPool(config, (pool, path) => {
      if (pool.policy.type === "first") return [];
      const takers = pool.upstreams.filter(({ state, weight }) => state === "ready" && weight > 0);
      const total = takers.reduce((sum, { weight }) => sum + weight, 0);
      const heaviest = takers.reduce<PoolConfig["upstreams"][number] | undefined>(
        (most, each) => (most && most.weight >= each.weight ? most : each),
        undefined,
      );
      if (!heaviest || takers.length < 2) return [];
      const [share, fair] = [heaviest.weight / total, 1 / takers.length];
      if (share < TOLERANCE * fair) return [];
      const index = pool.upstreams.indexOf(heaviest);
      const message = `${heaviest.name} gets ${percent(share)} of the traffic, its fair share of ${takers.length} is ${percent(fair)}`;
      return [{ path: [...path, "upstreams", index, "weight"], message }];
    }),
};

const percent = (ratio: number): string => `${Math.round(ratio * 100)} %`;
