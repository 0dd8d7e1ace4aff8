import type { Rule } from "../rule.ts";
import { eachPool } from "../each-pool.ts";

export const rule: Rule = {
  code: "POOL_UNUSED",
  severity: "warning",
  title: "A pool that no route leads to",
  page: `Its upstreams are checked, and get no request. Often a route was renamed or forgotten.

Add the route, or take the pool out.`,
  find: ({ config }) => {
    const used = new Set(config.listeners.flatMap(({ routes }) => routes.map(({ pool }) => pool)));
    return eachPool(config, (_pool, path, name) =>
      used.has(name) ? [] : [{ path, message: "no route leads to this pool" }],
    );
  },
};
