import type { BalancerConfig } from "../../schema.ts";
import type { Rule } from "../rule.ts";
import { eachPool } from "../each-pool.ts";

/** As many tries of one request as nobody need be told of. */
const TOLERABLE_TRIES = 3;

export const rule: Rule = {
  code: "RETRIES_MULTIPLY",
  severity: "warning",
  title: "Retries that multiply",
  page: `Each layer that retries multiplies the tries of the layers behind it: three tries here and three in the proxy before us
are nine at the backend, just when it can take least. Counted are the listeners of this configuration that stand behind
one another, and one more layer where trustedProxies says that there is one before us.

Retry in one layer only, the one nearest to the backend, once, on connect failures, within a budget.`,
  find: ({ config }) =>
    eachPool(config, ({ retry }, path, name) => {
      if (retry.attempts === 0) return [];
      const tries = triesThrough(config, name, new Set());
      const proxied = config.trustedProxies.length > 0;
      const at = [...path, "retry", "attempts"];
      if (tries > TOLERABLE_TRIES)
        return [
          { path: at, message: `one request may become ${tries} tries at the backends behind this pool` },
        ];
      if (proxied && tries >= TOLERABLE_TRIES)
        return [
          {
            path: at,
            message: `one request may become ${tries} tries, times those of the proxies before us`,
          },
        ];
      return [];
    }),
};

/** Tries that one request to a pool can become, through other listeners of the same balancer too. */
function triesThrough(config: BalancerConfig, name: string, seen: ReadonlySet<string>): number {
  const pool = config.pools[name];
  if (!pool || seen.has(name)) return 1;
  const addresses = new Set(pool.upstreams.map(({ address }) => address));
  const behind = config.listeners
    .filter(({ bind }) => addresses.has(bind))
    .flatMap(({ routes }) =>
      routes.map((route) => triesThrough(config, route.pool, new Set([...seen, name]))),
    );
  return (1 + pool.retry.attempts) * Math.max(1, ...behind);
}
