import type { Rule } from "../rule.ts";
import { eachPool } from "../each-pool.ts";

export const rule: Rule = {
  code: "NO_HEALTH_CHECK",
  severity: "warning",
  title: "A pool without health checks",
  page: `Without health checks an upstream counts as UP whatever its state, and is listed as \`no check\` (as in HAProxy). One that is dead
goes on getting its share, and that share of the users gets errors until somebody notices.

Give the pool \`health: { path: /healthz }\`. Outlier detection helps too, but it learns from failed requests of users, and
by default it takes out a tenth of the pool at most.`,
  find: ({ config }) =>
    eachPool(config, ({ health, outlier }, path) => {
      if (health) return [];
      const rest = outlier ? "; outlier detection sees them only by failed requests" : "";
      return [{ path, message: `has no health checks: dead upstreams go on getting requests${rest}` }];
    }),
};
