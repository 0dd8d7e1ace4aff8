import type { PoolConfig } from "../../schema.ts";
import type { Rule } from "../rule.ts";
import { eachPool } from "../each-pool.ts";

export const rule: Rule = {
  code: "POOL_SHRINKS",
  severity: "warning",
  title: "A pool loses more than half of its upstreams",
  page: `Compared with the configuration in force, more than half of those that take requests would be gone. What is left gets
their load at once. A list of upstreams that was generated while a source was empty looks like this.

If it is meant, go in steps and watch lb_upstream_in_flight and lb_pool_queue_length between them.`,
  find: ({ config, against }) =>
    eachPool(config, (pool, path, name) => {
      const old = against && Object.hasOwn(against.pools, name) ? against.pools[name] : undefined;
      if (!old) return [];
      const [before, after] = [takers(old), takers(pool)];
      if (after * 2 >= before) return [];
      const message = `would have ${after} upstreams that take requests, in force are ${before}`;
      return [{ path: [...path, "upstreams"], message }];
    }),
};

const takers = ({ upstreams }: PoolConfig): number =>
  upstreams.filter(({ state, weight }) => state === "ready" && weight > 0).length;
