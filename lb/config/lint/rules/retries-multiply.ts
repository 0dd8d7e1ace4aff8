import type { BalancerConfig } from "../../schema.ts";
import type { Rule } from "../rule.ts";
import { eachPool } from "../each-pool.ts";

/** The most attempts of one request that are not reported. */
const TOLERABLE_TRIES = 3;

export const rule: Rule = {
  code: "RETRIES_MULTIPLY",
  severity: "warning",
  title: "Retries that multiply",
  page: `Each layer that retries multiplies the attempts of the layers behind it: three attempts here and three in the proxy before
us are nine at the backend, just when it can take least. Counted are the listeners of this configuration that lead to one
another, and one more layer where trustedProxies lists a proxy before us.

Retry in one layer only, the one nearest to the backend, once, on connect failures, within a budget.`,
  find: ({ config }) =>
    eachPool(config, ({ retry }, path, name) => {
      if (retry.attempts === 0) return [];
      const tries = triesThrough(config, name, new Set());
      const proxied = config.trustedProxies.length > 0;
      const at = [...path, "retry", "attempts"];
      if (tries > TOLERABLE_TRIES)
        return [
          { path: at, message: `one request may become ${tries} attempts at the backends behind this pool` },
        ];
      if (proxied && tries >= TOLERABLE_TRIES)
        return [
          {
            path: at,
            message: `one request may become ${tries} attempts, times those of the proxies before us`,
          },
        ];
      return [];
    }),
};

/** Attempts that one request to a pool can become, through other listeners of the same balancer too. */
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
