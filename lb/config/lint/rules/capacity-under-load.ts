import type { PoolConfig } from "../../schema.ts";
import type { Rule } from "../rule.ts";
import { eachPool } from "../each-pool.ts";

/** What a pool must be able to take at least, in times of the load that was seen. */
const HEADROOM = 1.2;

export const rule: Rule = {
  code: "CAPACITY_UNDER_LOAD",
  severity: "warning",
  title: "A pool that could not take the load that was seen",
  page: `The upstreams that take requests may have fewer in flight together, by their maxConnections, than 1.2 times what the pool
had in flight, on average over the busiest 10 s of the last ten minutes or less: the message names that window. What comes
beyond it waits in the queue, and is refused with flag UO when that is full. A quiet hour says nothing about a busy one.

Raise maxConnections where the backends can take it, or leave more upstreams in. Only a balancer with a \`rollout\` section
looks at its load.`,
  find: ({ config, load }) =>
    eachPool(config, (pool, path, name) => {
      const seen = load?.inFlight.get(name);
      if (seen === undefined || load === undefined) return [];
      const capacity = capacityOf(pool);
      if (capacity >= HEADROOM * seen) return [];
      const window = `the busiest 10 s of the last ${load.windowMs / 1000} s`;
      const message = `may have ${capacity} requests in flight, and had ${seen.toFixed(1)} in ${window}: wanted is ${HEADROOM} times that`;
      return [{ path: [...path, "upstreams"], message }];
    }),
};

const capacityOf = ({ upstreams }: PoolConfig): number =>
  upstreams
    .filter(({ state, weight }) => state === "ready" && weight > 0)
    .reduce((sum, { maxConnections }) => sum + maxConnections, 0);
